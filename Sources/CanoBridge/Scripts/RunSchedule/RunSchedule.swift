import CanoBus
import CanoPrimitives
import CanoRedis

/// Lets a schedule start one run more, now.
struct RunSchedule: ScheduleSteeringCall {
    enum Key: String, SteeringKeys { case commands, schedule, schedules, events, starts }

    enum Argument: String, SteeringArguments {
        case bridge, epoch, source, run, workflow, traceparent, made
        case group, entry
        case commandID = "command_id"
        case time
        case replyLength = "reply_length"
        case replyRetention = "reply_retention_ms"
        case lastBefore = "last_before"
        case id, data
    }

    enum Answer: String, Sendable {
        /// The start of its run was published.
        case ran
        /// It has started another run since it was read: nothing was written.
        case moved
        /// There is none: the entry is where it was.
        case unknown
        /// It was taken already.
        case gone
    }

    static let script = makeScript(
        "run_schedule", PackageResources.run_schedule_lua,
        libraries: [
            ScriptLibrary.ownership, ScriptLibrary.events, ScriptLibrary.wording, ScriptLibrary.severalEntries, ScriptLibrary.replies,
            ScriptLibrary.runs, ScriptLibrary.entries,
            ScriptLibrary.schedules, ScriptLibrary.firings,
        ])

    let bus: Bus
    let command: RunScheduleCommand
    /// The entry of its last start, as it was read; empty before the first.
    let lastBefore: String
    let entry: StreamEntryID
    let stream: InboundStream
    /// Milliseconds since 1970.
    let made: Int64

    /// The run: its id is known as soon as the command is published.
    var run: String { command.run(publishedAs: entry.description) }

    func write(_ keys: inout ScriptKeys<Key>) {
        appendShared(to: &keys)
        keys.append(.starts, bus.keys.commands)
        appendReply(to: &keys)
    }

    func write(_ arguments: inout ScriptArguments<Argument>) {
        appendShared(to: &arguments)
        arguments.append(.lastBefore, lastBefore)
        arguments.append(.id, run)
        arguments.append(.data, ScheduleRan(run: run).json)
    }
}
