import CanoBus
import CanoRedis
import CanoRedisStores

/// Writes one step of a run: its rows, all that it wrote, and all that has happened since the last script. It may put the run down.
struct Commit: StepCall {
    enum Key: String, ScriptName {
        case record, log
        case runStore = "run_store"
        case events
    }

    enum Argument: String, RunArguments {
        case bridge, epoch, source, run, workflow, traceparent, made
        case rowsBefore = "rows_before"
        case eventsBefore = "events_before"
        case rowsAfter = "rows_after"
        case eventsAfter = "events_after"
        case state, drops
    }

    static let script = makeScript(
        "commit", PackageResources.commit_lua,
        libraries: [ScriptLibrary.ownership, ScriptLibrary.events, ScriptLibrary.runs, ScriptLibrary.steps],
        more: [
            ScriptLibrary.waits, ScriptLibrary.severalEntries, ScriptLibrary.taskKeys, ScriptLibrary.taskQueues, ScriptLibrary.tasks,
            ScriptLibrary.openChildren, ScriptLibrary.children, ScriptLibrary.handing, ScriptLibrary.waking, ScriptLibrary.takings,
            SharedWrites.lua,
        ],
        items: [EventItem.self, ValueItem.self, OpenedItem.self, HandedItem.self, ChildItem.self, TakenItem.self, SharedWrites.Field.self],
        constants: [.workers, .queueKeys, SharedWrites.constant] + ScriptConstant.children)

    let run: RunIdentity
    let keys: RunKeys
    let step: StepCounts
    let state: String
    /// How many rows at the end of the log the first of the new ones takes the place of.
    let drops: Int
    /// What the run is to wait for now, if anything. Where that is there, or a cancel was asked for, the run is not put down.
    let opens: OpenedWait?
    /// The signals that led to the step, by their ids: they are taken off the inbox. What is gone already is passed over.
    let consumes: [String]
    /// The tasks that it hands out, the children that it starts, and those that are over.
    var tasks = TaskChanges()
    /// The answer that led to the step, of a run that its bridge held and that went on before Redis knew. Its leg is among those that are over.
    var takes: TakenAnswer?
    let lists: StepLists
    let shared: SharedWrites?
    /// Milliseconds since 1970.
    let made: Int64

    private var usesInbox: Bool { opens != nil || !consumes.isEmpty || takes != nil }

    func write(_ names: inout ScriptKeys<Key>) {
        names.append(.record, keys.record)
        names.append(.log, keys.log)
        names.append(.runStore, keys.store)
        names.append(.events, keys.bus.events)
        if usesInbox {
            names.append(more: keys.inbox)
            names.append(more: keys.bus.leases(of: run.workflow, version: run.version))
            names.append(more: keys.bus.waits(of: run.workflow, version: run.version))
        }
        if !tasks.isEmpty {
            names.append(more: keys.openTasks)
            names.append(more: keys.bus.deadlines)
            names.append(more: keys.bus.queues)
            names.append(more: keys.bus.commands)
            names.append(more: keys.bus.inbound(.control))
            for key in tasks.queues.flatMap(keys.bus.keys(ofQueue:)) { names.append(more: key) }
            if takes != nil { names.append(more: keys.bus.inbound(.results)) }
        }
        for store in shared?.stores ?? [] { names.append(more: keys.bus.store(named: store)) }
    }

    func write(_ arguments: inout ScriptArguments<Argument>) {
        arguments.append(run, made: made)
        arguments.append(.rowsBefore, step.rowsBefore)
        arguments.append(.eventsBefore, step.eventsBefore)
        arguments.append(.rowsAfter, step.rowsAfter)
        arguments.append(.eventsAfter, step.eventsAfter)
        arguments.append(.state, state)
        arguments.append(.drops, drops)
        arguments.append(rows: lists.rows)
        arguments.append(events: lists.events, from: step.eventsBefore + 1)
        arguments.append(values: lists.values, removed: lists.removed)
        // A plain step spends nothing on what it does not do.
        guard usesInbox || !tasks.isEmpty || shared != nil else { return }
        arguments.append(opened: opens)
        arguments.append(list: consumes)
        arguments.append(tasks, of: run)
        arguments.append(taken: takes)
        if let shared {
            let ofTasks = tasks.isEmpty ? 0 : 5 + tasks.queues.count * BusKeys.keysOfQueue
            let before = Key.allCases.count + (usesInbox ? 3 : 0) + ofTasks + (takes == nil ? 0 : 1)
            shared.append(to: &arguments, firstKey: before + 1)
        } else {
            arguments.append(list: [])
        }
    }
}
