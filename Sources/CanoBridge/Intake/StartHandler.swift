import CanoBus
import CanoRedis

/// Starts runs.
struct StartHandler: CommandHandling {
    let bus: Bus
    let shards: ShardForwarding
    let registry: WorkflowRegistry
    let forwarding: CommandForwarding
    let execution: RunExecution

    func handle(_ command: StartCommand, _ delivery: Delivery) async throws -> Disposition {
        if let schedule = command.reservingSchedule, try await shards.isSchedule(schedule) { throw command.reserved(for: schedule) }
        guard let workflow = registry.workflow(command.workflow, version: command.version) else {
            let refusal = forwarding.missing(command.workflow, command.version, command.refused)
            let call = Reject(ifRunIsKnown: refusal, of: delivery.entry, from: delivery.stream, on: bus)
            guard try await bus.scripts.send(call, waitsForRepair: false) == .unknown else { return .done }
            return try await forwarding.forward(delivery, to: command.workflow, command.version, orThrow: refusal)
        }
        if let expiry = command.expiresAt, expiry <= bus.clock.now { throw command.expired(at: expiry) }
        let run: any PreparedRun
        do {
            run = try workflow.checkAndPrepare(command.input)
        } catch {
            throw command.refused(.invalidInput, InputProblem.describe(error, in: command.input, workflow: workflow.name))
        }
        let (answer, begun): (Accept.Answer, BegunRun?)
        do {
            (answer, begun) = try await execution.begin(
                command, run, of: workflow, entry: delivery.entry.id, notBefore: command.notBefore(published: delivery.published))
        } catch let error as RedisError {
            // Something of an earlier life of its id may be in its way, which it waits for alone.
            let keys = bus.keys
            await bus.wrongKeys.report(
                among: [
                    keys.record(of: command.run), keys.log(of: command.run), keys.runStore(of: command.run),
                    keys.cancellation(of: command.run), keys.leases(of: workflow.name, version: workflow.version),
                    keys.timers(of: workflow.name, version: command.version), keys.events, keys.commands,
                ], after: error, on: bus.redis)
            throw error
        }
        if answer == .expired, let expiry = command.expiresAt { throw command.expired(at: expiry) }
        return begun.map { .begun($0) } ?? .done
    }
}
