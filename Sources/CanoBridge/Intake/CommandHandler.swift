import CanoCore
import CanoRedis
import Logging

/// Takes one entry from the moment it was read to its run's end.
struct CommandHandler: Sendable {
    let bus: BusKeys
    let bridge: String
    let registry: WorkflowRegistry
    let runner: RunRunner
    let redis: RedisClient
    let sender: ScriptSender
    let clock: BusClock
    let limits: BusLimits
    let isDraining: @Sendable () -> Bool
    let logger: Logger

    /// What is to be done with an entry after it was handled.
    enum Disposition: Sendable {
        /// It was answered, or is somebody else's.
        case done
        /// It waits for a bridge that has its workflow, until the moment given in milliseconds since 1970.
        case left(until: Int64)
    }

    /// Handles an entry; returns when its run is over.
    ///
    /// - Parameters:
    ///   - entry: The entry.
    ///   - stream: Where it was read.
    ///   - since: When this bridge first saw it, in milliseconds since 1970.
    /// - Returns: Whether the entry is answered, or left pending.
    /// - Throws: ``Relinquished`` when the bridge stopped meanwhile; what keeps the entry from being handled now.
    func handle(_ entry: StreamEntry, from stream: CommandParser.Stream, since: Int64) async throws -> Disposition {
        // What was not begun is left for another bridge.
        guard !isDraining() else { return .left(until: .max) }
        do {
            let command = try CommandParser(maximumInputBytes: limits.inputBytes).parse(entry, from: stream)
            return try await start(command, entry, since: since)
        } catch let rejection as Rejection {
            try await reject(rejection, entry, from: stream)
            return .done
        }
    }

    private func start(_ command: StartCommand, _ entry: StreamEntry, since: Int64) async throws -> Disposition {
        guard let workflow = registry.workflow(command.workflow, version: command.version) else {
            return try await leave(command, entry, since: since)
        }
        if let expiry = command.expiresAt, expiry <= clock.now { throw command.expired(at: expiry) }
        let drive: RegisteredWorkflow.Drive
        do {
            try JSONSyntax.check(command.input)
            drive = try workflow.prepare(command.input)
        } catch {
            throw command.refused(.invalidInput, InputProblem.describe(error, in: command.input, workflow: workflow.name))
        }
        let acceptance = try await runner.run(command, of: workflow, entry: entry.id, drive: drive)
        if acceptance == .expired, let expiry = command.expiresAt { throw command.expired(at: expiry) }
        return .done
    }

    /// A workflow or version that is not here may be had by another bridge: the command waits a while for one.
    private func leave(_ command: StartCommand, _ entry: StreamEntry, since: Int64) async throws -> Disposition {
        let refusal =
            registry.knows(command.workflow)
            ? command.refused(
                .versionMismatch,
                "No bridge has version \"\(command.version ?? "")\" of the workflow \"\(command.workflow)\": name one that runs, or none.")
            : command.refused(
                .unknownWorkflow, "No bridge has a workflow \"\(command.workflow)\": start one that has it, or correct the name.")
        let letter = RejectionLetter(bus: bus, bridge: bridge, limits: limits)
        let answer = try await sender.send(
            letter.call(for: refusal, of: entry, from: .commands, scope: .answeringKnownRun, now: clock.now),
            toleratesWrongType: false)
        guard answer.string == "unknown" else { return .done }
        if let other = try await bridgeThatHas(command) {
            // It finds the entry among its own pending ones at its next heartbeat.
            _ = try await redis.execute(XCLAIM(bus.commands, BusKeys.group, other, minimumIdle: .zero, [entry.id]))
            return .done
        }
        // An entry's id is when it was published, unless its producer chose one of the future.
        let published = min(Int64(clamping: entry.id.milliseconds), since)
        let deadline = published + BusLimits.unknownWorkflowPatience.wholeMilliseconds
        guard clock.now < deadline else { throw refusal }
        return .left(until: min(deadline, clock.now + limits.heartbeat.wholeMilliseconds))
    }

    /// A live bridge that has the command's workflow, in its version if it names one.
    private func bridgeThatHas(_ command: StartCommand) async throws(RedisError) -> String? {
        let live = try await redis.execute(ZRANGEBYSCORE(bus.workflows, from: Double(clock.now), through: .infinity))
        let bridges = live.compactMap { listing in
            WorkflowListing(String(decoding: listing.member, as: UTF8.self))
        }.filter { listing in
            listing.workflow == command.workflow && listing.bridge != bridge
                && (command.version == nil || listing.version == command.version)
        }
        return bridges.randomElement()?.bridge
    }

    private func reject(_ rejection: Rejection, _ entry: StreamEntry, from stream: CommandParser.Stream) async throws {
        let letter = RejectionLetter(bus: bus, bridge: bridge, limits: limits)
        _ = try await sender.send(
            letter.call(for: rejection, of: entry, from: stream, now: clock.now), toleratesWrongType: false)
        logger.info("a command was rejected", metadata: ["entry": "\(entry.id)", "code": "\(rejection.code.rawValue)"])
    }
}
