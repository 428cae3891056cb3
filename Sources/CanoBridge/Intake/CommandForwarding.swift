import CanoBus
import CanoPrimitives
import CanoRedis

/// What becomes of a command whose workflow, or version of it, is not here: it goes to a live bridge that has it, or waits a
/// while for one.
struct CommandForwarding: Sendable {
    let bus: Bus
    let registry: WorkflowRegistry

    /// The refusal of a command that no bridge can carry out.
    func missing(
        _ workflow: String, _ version: String?, _ refuse: (RejectionCode, String) -> Rejection
    ) -> Rejection {
        registry.knows(workflow)
            ? refuse(
                .versionMismatch,
                "No bridge has version \"\(version ?? "")\" of the workflow \"\(workflow)\": start one that has it, or name another.")
            : refuse(.unknownWorkflow, "No bridge has a workflow \"\(workflow)\": start one that has it, or correct the name.")
    }

    /// Forwards a command to a bridge that has its workflow, or leaves it pending.
    ///
    /// - Parameters:
    ///   - delivery: The command's entry.
    ///   - workflow: Its workflow.
    ///   - version: The version it asks for, if any.
    ///   - refusal: What is thrown once it has waited too long.
    /// - Returns: What was done with the entry.
    /// - Throws: The refusal; ``RedisError``.
    func forward(
        _ delivery: Delivery, to workflow: String, _ version: String?, orThrow refusal: Rejection
    ) async throws -> Disposition {
        if let other = try await bridgeThatHas(workflow, version) {
            // It finds the entry among its own pending ones at its next heartbeat.
            _ = try await bus.redis.execute(
                XCLAIM(bus.keys.inbound(delivery.stream), BusKeys.group, other, minimumIdle: .zero, [delivery.entry.id]))
            return .done
        }
        let patience =
            try await wasEverThere(workflow)
            ? bus.limits.unknownWorkflowWait : min(bus.limits.newWorkflowWait, bus.limits.unknownWorkflowWait)
        guard let disposition = try await leave(delivery, for: patience) else { throw refusal }
        return disposition
    }

    /// Whether any bridge has had a workflow on this bus, in whichever version.
    private func wasEverThere(_ workflow: String) async throws(RedisError) -> Bool {
        if registry.knows(workflow) { return true }
        do {
            return try await bus.redis.execute(ZSCORE(bus.keys.known, BusKeys.knownMember(workflow, version: nil))) != nil
        } catch {
            // Who can't tell waits.
            guard error.serverError != nil else { throw error }
            return true
        }
    }

    /// Leaves a command pending until the next look; nil once this bridge has known it for as long as another may be away.
    func leave(_ delivery: Delivery) async throws(RedisError) -> Disposition? {
        try await leave(delivery, for: bus.limits.unknownWorkflowWait)
    }

    private func leave(_ delivery: Delivery, for patience: Duration) async throws(RedisError) -> Disposition? {
        let deadline = delivery.firstSeen + patience.wholeMilliseconds
        guard bus.clock.steady < deadline else { return nil }
        // Other bridges claim what none has touched for a lease, and would wait as long again.
        _ = try await bus.redis.execute(
            XCLAIM(bus.keys.inbound(delivery.stream), BusKeys.group, bus.bridge, minimumIdle: .zero, [delivery.entry.id]))
        return .left(until: min(deadline, nextLook))
    }

    /// When a command that was left is looked at again, in milliseconds that pass here.
    var nextLook: Int64 { bus.clock.steady + bus.limits.heartbeat.wholeMilliseconds }

    /// A live bridge that has a workflow, in this version if one is given.
    private func bridgeThatHas(_ workflow: String, _ version: String?) async throws(RedisError) -> String? {
        let live = try await bus.redis.execute(ZRANGEBYSCORE(bus.keys.workflows, from: Double(bus.clock.now), through: .infinity))
        let bridges = live.compactMap { listing in
            WorkflowListing(String(decoding: listing.member, as: UTF8.self))
        }.filter { listing in
            listing.workflow == workflow && listing.bridge != bus.bridge && (version == nil || listing.version == version)
        }
        return bridges.randomElement()?.bridge
    }
}
