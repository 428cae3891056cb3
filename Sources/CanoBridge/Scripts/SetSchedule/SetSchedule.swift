import CanoBus
import CanoCore
import CanoPrimitives
import CanoRedis

/// Sets a schedule.
struct SetSchedule: ScriptCall {
    enum Key: String, ScriptName { case commands, schedule, schedules, events }

    enum Argument: String, RunArguments, ReplyArguments {
        case bridge, epoch, source, run, workflow, traceparent, made
        case group, entry
        case commandID = "command_id"
        case time
        case replyLength = "reply_length"
        case replyRetention = "reply_retention_ms"
        case next = "next_due"
        case start
        case latest = "latest_next"
        case retention = "retention_ms"
        case once
    }

    enum FieldItem: String, ScriptItem {
        case name, value

        static let item = "field"
    }

    enum Answer: String, Sendable {
        case set
        /// A later command about it was taken before.
        case superseded
        /// It would never be due: the entry is where it was.
        case never
        /// It was taken already.
        case gone
    }

    static let script = makeScript(
        "set_schedule", PackageResources.set_schedule_lua,
        libraries: [
            ScriptLibrary.ownership, ScriptLibrary.events, ScriptLibrary.wording, ScriptLibrary.severalEntries, ScriptLibrary.replies,
            ScriptLibrary.runs, ScriptLibrary.entries,
            ScriptLibrary.schedules,
        ],
        items: [FieldItem.self], constants: [.superseded, ScriptConstant("set_template", ScheduleSet.template)])

    let bus: Bus
    let name: String
    let definition: ScheduleDefinition
    /// Where it begins, if it is not due as before; nil when it would never be due.
    let position: ScheduleState.Position?
    let entry: StreamEntryID
    let stream: InboundStream
    /// Milliseconds since 1970.
    let made: Int64

    func write(_ keys: inout ScriptKeys<Key>) {
        keys.append(.commands, bus.keys.inbound(stream))
        keys.append(.schedule, bus.keys.schedule(named: name))
        keys.append(.schedules, bus.keys.schedules)
        keys.append(.events, bus.keys.events)
        if let replyName = definition.replyName { keys.append(more: bus.keys.replies(to: replyName)) }
    }

    func write(_ arguments: inout ScriptArguments<Argument>) {
        arguments.append(
            bus.identity(of: name, workflow: definition.workflow, version: "", epoch: 0, trace: definition.trace), made: made)
        arguments.append(.group, BusKeys.group)
        arguments.append(.entry, entry.description)
        arguments.append(.commandID, CommandEntryID(entry.description, on: stream).description)
        arguments.append(.time, Timestamp.text(made))
        arguments.append(replies: bus.limits)
        arguments.append(.next, position?.next?.due)
        arguments.append(.start, position?.next?.start)
        arguments.append(.latest, definition.latestNext(at: made))
        arguments.append(.retention, bus.limits.retention)
        arguments.append(.once, definition.onlyMoment)
        for fields in [definition.timingFields, definition.otherFields] {
            arguments.append(list: FieldItem.self, count: fields.count) { list in
                for (field, value) in fields {
                    list.append(.name, field.rawValue)
                    list.append(.value, value)
                }
            }
        }
    }

    func answer(_ reply: RESPValue) throws(RedisError) -> Answer {
        guard let answer = reply.string.flatMap({ Answer(rawValue: $0) }) else { throw Self.unexpected(reply) }
        return answer
    }
}
