import CanoBus
import CanoPrimitives
import CanoRedis

/// Removes a schedule.
struct RemoveSchedule: ScriptCall {
    enum Key: String, ScriptName { case commands, schedule, schedules, events }

    enum Argument: String, RunArguments, ReplyArguments {
        case bridge, epoch, source, run, workflow, traceparent, made
        case group, entry
        case commandID = "command_id"
        case time
        case replyLength = "reply_length"
        case replyRetention = "reply_retention_ms"
        case retention = "retention_ms"
    }

    enum Answer: String, Sendable {
        case removed
        /// A later command about it was taken before.
        case superseded
        /// There is none: the entry is where it was.
        case unknown
        /// It was taken already.
        case gone
    }

    static let script = makeScript(
        "remove_schedule", PackageResources.remove_schedule_lua,
        libraries: [ScriptLibrary.ownership, ScriptLibrary.events, ScriptLibrary.replies, ScriptLibrary.runs, ScriptLibrary.schedules],
        constants: [.superseded, ScriptConstant("removed_data", ScheduleRemoved().json)])

    let bus: Bus
    let command: UnscheduleCommand
    let entry: StreamEntryID
    let stream: InboundStream
    /// Milliseconds since 1970.
    let made: Int64

    func write(_ keys: inout ScriptKeys<Key>) {
        keys.append(.commands, bus.keys.inbound(stream))
        keys.append(.schedule, bus.keys.schedule(named: command.name))
        keys.append(.schedules, bus.keys.schedules)
        keys.append(.events, bus.keys.events)
        if let replyName = command.replyName { keys.append(more: bus.keys.replies(to: replyName)) }
    }

    func write(_ arguments: inout ScriptArguments<Argument>) {
        arguments.append(bus.identity(of: command.name, workflow: "", version: "", epoch: 0, trace: command.trace), made: made)
        arguments.append(.group, BusKeys.group)
        arguments.append(.entry, entry.description)
        arguments.append(.commandID, CommandEntryID(entry.description, on: stream).description)
        arguments.append(.time, Timestamp.text(made))
        arguments.append(replies: bus.limits)
        arguments.append(.retention, bus.limits.retention)
    }

    func answer(_ reply: RESPValue) throws(RedisError) -> Answer {
        guard let answer = reply.string.flatMap({ Answer(rawValue: $0) }) else { throw Self.unexpected(reply) }
        return answer
    }
}
