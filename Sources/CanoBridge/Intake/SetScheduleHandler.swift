import CanoBus
import CanoCore
import CanoRedis
import Logging

/// Sets schedules, once everything that a firing would be rejected for has been looked at.
struct SetScheduleHandler: CommandHandling {
    let bus: Bus
    let registry: WorkflowRegistry
    let forwarding: CommandForwarding
    let random: RandomSource

    func handle(_ command: ScheduleCommand, _ delivery: Delivery) async throws -> Disposition {
        let definition = try ScheduleDefinition(command)
        // An expression that has no time left is a bad one, wherever its workflow is; a moment that has passed has expired.
        if case .cron = definition.due, definition.position(at: bus.clock.now, random: random) == nil { throw command.neverDue }
        guard let workflow = registry.workflow(command.workflow, version: command.version) else {
            let refusal = forwarding.missing(command.workflow, command.version, command.refused)
            return try await forwarding.forward(delivery, to: command.workflow, command.version, orThrow: refusal)
        }
        do {
            _ = try workflow.checkAndPrepare(command.input)
        } catch {
            if definition.position(at: bus.clock.now, random: random) == nil { throw command.neverDue }
            throw command.refused(.invalidInput, InputProblem.describe(error, in: command.input, workflow: workflow.name))
        }
        // Made anew each time it is sent: after an outage it is due at other times.
        let answer = try await bus.scripts.send(waitsForRepair: false) { [bus, random] in
            let now = bus.clock.now
            return SetSchedule(
                bus: bus, name: command.name, definition: definition, position: definition.position(at: now, random: random),
                entry: delivery.entry.id, stream: delivery.stream, made: now)
        }
        switch answer {
        case .set:
            bus.logger.info("a schedule was set", metadata: ["schedule": "\(command.name)", "workflow": "\(workflow.name)"])
        case .superseded, .gone: break
        case .never: throw command.neverDue
        }
        return .done
    }
}
