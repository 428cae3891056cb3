import CanoBus
import CanoCore
import CanoRedis

/// Lets a paused schedule go on with its next due time.
struct ResumeSchedule: ScheduleSteeringCall {
    enum Key: String, SteeringKeys { case commands, schedule, schedules, events }

    enum Argument: String, SteeringArguments {
        case bridge, epoch, source, run, workflow, traceparent, made
        case group, entry
        case commandID = "command_id"
        case time
        case replyLength = "reply_length"
        case replyRetention = "reply_retention_ms"
        case orderBefore = "order_before"
        case backlogBefore = "backlog_before"
        case next = "next_due"
        case start
        case lookAgain = "look_again"
    }

    enum Answer: String, Sendable {
        /// It goes on, or was not paused.
        case resumed
        /// A later command that pauses or resumes it was taken before.
        case superseded
        /// It is never due again, and stays paused: the entry is where it was.
        case never
        /// It was set since it was read: nothing was written.
        case moved
        /// There is none: the entry is where it was.
        case unknown
        /// It was taken already.
        case gone
    }

    static let script = makeScript(
        "resume_schedule", PackageResources.resume_schedule_lua,
        libraries: [
            ScriptLibrary.ownership, ScriptLibrary.events, ScriptLibrary.wording, ScriptLibrary.severalEntries, ScriptLibrary.replies,
            ScriptLibrary.runs, ScriptLibrary.entries,
            ScriptLibrary.schedules, ScriptLibrary.fields,
        ],
        constants: [.superseded, ScriptConstant("resumed_template", ScheduleResumed.template)])

    let bus: Bus
    let command: ResumeScheduleCommand
    /// How it was read; nil where there was none.
    let schedule: StoredSchedule?
    /// How far it is from now on.
    let position: ScheduleState.Position?
    let entry: StreamEntryID
    let stream: InboundStream
    /// Milliseconds since 1970.
    let made: Int64

    func write(_ arguments: inout ScriptArguments<Argument>) {
        appendShared(to: &arguments)
        arguments.append(.orderBefore, schedule?.revision.order)
        arguments.append(.backlogBefore, schedule?.revision.backlog)
        arguments.append(.next, position?.next?.due)
        arguments.append(.start, position?.next?.start)
        // What was missed before it was paused is made up for at once.
        arguments.append(.lookAgain, position.flatMap { $0.backlog.isEmpty ? $0.next?.start : made })
    }
}
