import CanoCore
import CanoRedis
import Logging

/// Carries out the commands that set and remove schedules.
struct ScheduleHandler: Sendable {
    let letter: ScheduleLetter
    let registry: WorkflowRegistry
    let referral: WorkflowReferral
    let sender: ScriptSender
    let random: RandomSource
    let clock: BusClock
    let logger: Logger

    /// Sets a schedule once everything a firing would be rejected for has been looked at.
    ///
    /// - Throws: ``Rejection``; ``Relinquished`` when the bridge stops; ``RedisError``.
    func set(
        _ command: ScheduleCommand, _ entry: StreamEntry, from stream: CommandParser.Stream, published: Int64
    ) async throws -> CommandHandler.Disposition {
        let definition = command.definition
        // An expression that has no time left is a bad one, wherever its workflow is; a moment that has passed has expired.
        if case .cron = definition.due, definition.position(at: clock.now, random: random) == nil { throw command.neverDue }
        guard let workflow = registry.workflow(definition.workflow, version: definition.version) else {
            let refusal = referral.missing(definition.workflow, definition.version, command.refused)
            return try await referral.refer(
                entry, from: stream, published: published, for: definition.workflow, definition.version, orThrow: refusal)
        }
        do {
            _ = try workflow.checked(definition.input)
        } catch {
            if definition.position(at: clock.now, random: random) == nil { throw command.neverDue }
            throw command.refused(.invalidInput, InputProblem.describe(error, in: definition.input, workflow: workflow.name))
        }
        // Made anew each time it is sent: after an outage it is due at other times.
        let answer = try await sender.send(waitsForRepair: false) {
            let now = clock.now
            let position = definition.position(at: now, random: random)
            return letter.set(command, at: position, entry: entry.id, from: stream, now: now)
        }
        switch answer.string {
        case "set": logger.info("a schedule was set", metadata: ["schedule": "\(command.name)", "workflow": "\(workflow.name)"])
        case "superseded", "gone": break
        case "never": throw command.neverDue
        default: throw RedisError(.unexpectedReply, "The script schedule answered \(answer).")
        }
        return .done
    }

    /// Removes a schedule.
    ///
    /// - Throws: ``Rejection`` when there is none; ``Relinquished`` when the bridge stops; ``RedisError``.
    func remove(
        _ command: UnscheduleCommand, _ entry: StreamEntry, from stream: CommandParser.Stream
    ) async throws -> CommandHandler.Disposition {
        let answer = try await sender.send(
            letter.remove(command, entry: entry.id, from: stream, now: clock.now), waitsForRepair: false)
        switch answer.string {
        case "removed": logger.info("a schedule was removed", metadata: ["schedule": "\(command.name)"])
        case "superseded", "gone": break
        case "unknown": throw command.unknown
        default: throw RedisError(.unexpectedReply, "The script unschedule answered \(answer).")
        }
        return .done
    }
}
