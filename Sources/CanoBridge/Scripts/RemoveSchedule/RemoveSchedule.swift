import CanoBus
import CanoRedis

/// Removes a schedule.
struct RemoveSchedule: ScheduleSteeringCall {
    enum Key: String, SteeringKeys { case commands, schedule, schedules, events }

    enum Argument: String, SteeringArguments {
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
        libraries: [
            ScriptLibrary.ownership, ScriptLibrary.events, ScriptLibrary.wording, ScriptLibrary.severalEntries, ScriptLibrary.replies,
            ScriptLibrary.runs, ScriptLibrary.entries,
            ScriptLibrary.schedules,
        ],
        constants: [.superseded, ScriptConstant("removed_data", ScheduleRemoved().json)])

    let bus: Bus
    let command: UnscheduleCommand
    let entry: StreamEntryID
    let stream: InboundStream
    /// Milliseconds since 1970.
    let made: Int64

    func write(_ arguments: inout ScriptArguments<Argument>) {
        appendShared(to: &arguments)
        arguments.append(.retention, bus.limits.retention)
    }
}
