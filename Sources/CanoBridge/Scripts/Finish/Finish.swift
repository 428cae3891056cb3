import CanoBus
import CanoRedis

/// Ends a run: its result, its last events and the answers.
struct Finish: StepCall {
    enum Key: String, ScriptName {
        case record, log
        case runStore = "run_store"
        case inbox, events, leases
        case openTasks = "open_tasks"
        case deadlines, commands, control, failed
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
        case queues = "task_queues"
        case replyLength = "reply_length"
        case replyRetention = "reply_retention_ms"
    }

    static let script = makeScript(
        "finish", PackageResources.finish_lua,
        libraries: [
            ScriptLibrary.ownership, ScriptLibrary.events, ScriptLibrary.replies, ScriptLibrary.fields, ScriptLibrary.runs,
            ScriptLibrary.steps,
        ],
        more: [
            ScriptLibrary.inbox, ScriptLibrary.severalEntries, ScriptLibrary.taskQueues, ScriptLibrary.tasks, ScriptLibrary.openChildren,
            ScriptLibrary.children, ScriptLibrary.waits, ScriptLibrary.parents, ScriptLibrary.waking,
            ScriptLibrary.takings,
        ],
        items: [EventItem.self, ValueItem.self, ParentItem.self, TakenItem.self],
        constants: ScriptConstant.children + [
            .workers, .queueKeys, .answerPrefix, ScriptConstant("unread_member", ",\"\(Field.unreadSignals.rawValue)\":"),
        ])

    let run: RunIdentity
    let keys: RunKeys
    let limits: BusLimits
    let step: StepCounts
    let state: String
    let ending: RunEnding
    /// The names the terminal event goes to, as the record lists them.
    let replyNames: String
    /// The queues that the run's tasks are on, separated by commas.
    var queues = ""
    /// The last of the events ends the run.
    let lists: StepLists
    /// The signals that led to the last rows, by their ids: they are not unread.
    let consumes: [String]
    /// What its parent is told; nil where it is no child.
    var child: ChildEnd?
    /// The answer that led to the end, of a run that its bridge held and that went on before Redis knew.
    var takes: TakenAnswer?
    /// Milliseconds since 1970.
    let made: Int64

    func write(_ names: inout ScriptKeys<Key>) {
        names.append(.record, keys.record)
        names.append(.log, keys.log)
        names.append(.runStore, keys.store)
        names.append(.inbox, keys.inbox)
        names.append(.events, keys.bus.events)
        names.append(.leases, keys.bus.leases(of: run.workflow, version: run.version))
        names.append(.openTasks, keys.openTasks)
        names.append(.deadlines, keys.bus.deadlines)
        names.append(.commands, keys.bus.commands)
        names.append(.control, keys.bus.inbound(.control))
        names.append(.failed, keys.bus.failed)
        for stream in keys.bus.replies(toEach: replyNames) { names.append(more: stream) }
        for key in keys.bus.keys(ofQueues: queues) { names.append(more: key) }
        if takes != nil {
            names.append(more: keys.bus.waits(of: run.workflow, version: run.version))
            names.append(more: keys.bus.inbound(.results))
        }
        names.append(parentOf: child, on: keys.bus)
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
        arguments.append(.queues, queues)
        arguments.append(replies: limits)
        arguments.append(rows: lists.rows)
        arguments.append(events: lists.events, from: step.eventsBefore + 1)
        arguments.append(values: lists.values, removed: lists.removed)
        arguments.append(list: consumes)
        arguments.append(parentOf: child)
        arguments.append(taken: takes)
    }
}
