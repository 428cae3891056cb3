import CanoBus
import CanoCore
import CanoRedis
import Synchronization

/// Lets failed runs go on.
final class ResumeHandler: CommandHandling {
    let bus: Bus
    let registry: WorkflowRegistry
    let forwarding: CommandForwarding
    let execution: RunExecution
    /// The slots of the bridge's runs. A command on the control stream is read without one.
    let slots: RunSlots
    /// How many commands of the control stream wait for such a slot.
    private let waiting = Mutex(0)

    /// When to look again at a command whose run is in hand here, or that can't wait here, in milliseconds.
    private static let pause: Int64 = 1_000
    /// How many may wait; the others wait in Redis.
    static let mostWaiting = 32

    init(bus: Bus, registry: WorkflowRegistry, forwarding: CommandForwarding, execution: RunExecution, slots: RunSlots) {
        self.bus = bus
        self.registry = registry
        self.forwarding = forwarding
        self.execution = execution
        self.slots = slots
    }

    func handle(_ command: ResumeCommand, _ delivery: Delivery) async throws -> Disposition {
        guard delivery.stream == .control else { return try await resume(command, delivery) }
        // What can't be resumed is told at once.
        _ = try await resumable(command)
        guard waits() else { return .left(until: bus.clock.steady + Self.pause) }
        // Resumes that wait or run must not keep the bridge from reading what stops a run.
        delivery.slot?.giveBack()
        slots.announce(.new)
        await slots.take(.new)
        waiting.withLock { $0 -= 1 }
        defer { slots.give() }
        // What has not begun is left for another bridge.
        guard !execution.sessions.isDraining else { return .left(until: .max) }
        return try await resume(command, delivery)
    }

    /// Whether one more command may wait for a slot.
    private func waits() -> Bool {
        waiting.withLock { count in
            guard count < Self.mostWaiting else { return false }
            count += 1
            return true
        }
    }

    private func resume(_ command: ResumeCommand, _ delivery: Delivery) async throws -> Disposition {
        _ = try await resumable(command)
        // A session that lost the run may not be over yet: a task can be slow to stop.
        guard execution.sessions.reserve(command.run) else { return .left(until: bus.clock.steady + Self.pause) }
        defer { execution.sessions.unreserve(command.run) }
        while true {
            let record = try await resumable(command)
            guard let workflow = registry.workflow(record.workflow, version: record.version) else {
                let refusal = forwarding.missing(record.workflow, record.version, command.refused)
                return try await forwarding.forward(delivery, to: record.workflow, record.version, orThrow: refusal)
            }
            let asked = execution.runtime.clock.now
            let call = Resume(
                bus: bus, command: command, entry: delivery.entry.id, stream: delivery.stream, record: record, version: workflow.version,
                made: bus.clock.now)
            switch try await bus.scripts.send(call, waitsForRepair: false) {
            case .claimed(let run):
                await execution.resume(run, as: command.run, of: workflow, askedAt: asked)?.untilOver()
                return .done
            case .refused(.gone): return .done
            // The record has changed since it was read.
            case .refused: continue
            }
        }
    }

    /// The record of the run that a command wants to go on.
    ///
    /// - Throws: ``Rejection`` when there is none, or it can't go on; ``RedisError``.
    private func resumable(_ command: ResumeCommand) async throws -> RunRecord {
        let fields = [String: String](hash: try await bus.redis.execute(HGETALL(bus.keys.record(of: command.run))))
        guard let record = try RunRecord(fields, of: command.run) else { throw command.unknownRun }
        guard record.status.isOver, record.isResumable else { throw command.notResumable(record.status) }
        return record
    }
}
