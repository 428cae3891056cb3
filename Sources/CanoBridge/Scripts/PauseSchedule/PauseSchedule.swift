import CanoBus
import CanoRedis

/// Lets a schedule rest until it is resumed.
struct PauseSchedule: ScheduleSteeringCall {
    enum Key: String, SteeringKeys { case commands, schedule, schedules, events }

    enum Argument: String, SteeringArguments {
        case bridge, epoch, source, run, workflow, traceparent, made
        case group, entry
        case commandID = "command_id"
        case time
        case replyLength = "reply_length"
        case replyRetention = "reply_retention_ms"
    }

    enum Answer: String, Sendable {
        /// It is paused, or was before.
        case paused
        /// A later command that pauses or resumes it was taken before.
        case superseded
        /// There is none: the entry is where it was.
        case unknown
        /// It was taken already.
        case gone
    }

    static let script = makeScript(
        "pause_schedule", PackageResources.pause_schedule_lua,
        libraries: [
            ScriptLibrary.ownership, ScriptLibrary.events, ScriptLibrary.wording, ScriptLibrary.severalEntries, ScriptLibrary.replies,
            ScriptLibrary.runs, ScriptLibrary.entries,
            ScriptLibrary.schedules,
        ],
        constants: [.superseded, ScriptConstant("paused_template", SchedulePaused.template)])

    let bus: Bus
    let command: PauseScheduleCommand
    let entry: StreamEntryID
    let stream: InboundStream
    /// Milliseconds since 1970.
    let made: Int64

    func write(_ arguments: inout ScriptArguments<Argument>) {
        appendShared(to: &arguments)
    }
}
