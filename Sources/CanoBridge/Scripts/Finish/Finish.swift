import CanoBus
import CanoRedis

/// Ends a run: its result, its last events and the answers.
struct Finish: StepCall {
    enum Key: String, ScriptName {
        case record, log
        case runStore = "run_store"
        case events, leases
    }

    enum Argument: String, RunArguments, ReplyArguments {
        case bridge, epoch, source, run, workflow, traceparent, made
        case rowsBefore = "rows_before"
        case eventsBefore = "events_before"
        case rowsAfter = "rows_after"
        case eventsAfter = "events_after"
        case state, status, output
        // `error` is a function in Lua.
        case error = "failure"
        case rollback, resumable
        case keepsLog = "keeps_log"
        case retention = "retention_ms"
        case replyNames = "reply_names"
        case replyLength = "reply_length"
        case replyRetention = "reply_retention_ms"
    }

    static let script = makeScript(
        "finish", PackageResources.finish_lua,
        libraries: [
            ScriptLibrary.ownership, ScriptLibrary.events, ScriptLibrary.replies, ScriptLibrary.fields, ScriptLibrary.runs,
            ScriptLibrary.steps,
        ],
        items: [EventItem.self, ValueItem.self])

    let run: RunIdentity
    let keys: RunKeys
    let limits: BusLimits
    let step: StepCounts
    let state: String
    let ending: RunEnding
    /// The names the terminal event goes to, as the record lists them.
    let replyNames: String
    /// The last of the events ends the run.
    let lists: StepLists
    /// Milliseconds since 1970.
    let made: Int64

    func write(_ names: inout ScriptKeys<Key>) {
        names.append(.record, keys.record)
        names.append(.log, keys.log)
        names.append(.runStore, keys.store)
        names.append(.events, keys.bus.events)
        names.append(.leases, keys.bus.leases(of: run.workflow, version: run.version))
        for stream in keys.bus.replies(toEach: replyNames) { names.append(more: stream) }
    }

    func write(_ arguments: inout ScriptArguments<Argument>) {
        arguments.append(run, made: made)
        arguments.append(.rowsBefore, step.rowsBefore)
        arguments.append(.eventsBefore, step.eventsBefore)
        arguments.append(.rowsAfter, step.rowsAfter)
        arguments.append(.eventsAfter, step.eventsAfter)
        arguments.append(.state, state)
        arguments.append(.status, ending.status.rawValue)
        arguments.append(.output, ending.output)
        arguments.append(.error, ending.error)
        arguments.append(.rollback, ending.rollback?.rawValue)
        arguments.append(.resumable, ending.isResumable.map { $0 ? "1" : "0" })
        arguments.append(.keepsLog, ending.keepsLog)
        arguments.append(.retention, ending.isKeptForever ? .zero : limits.retention(of: ending.status))
        arguments.append(.replyNames, replyNames)
        arguments.append(replies: limits)
        arguments.append(rows: lists.rows)
        arguments.append(events: lists.events, from: step.eventsBefore + 1)
        arguments.append(values: lists.values, removed: lists.removed)
    }
}
