import CanoBus
import CanoRedis
import CanoRedisStores

/// Writes one step of a run: its rows, all that it wrote, and all that has happened since the last script.
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
        case state, replaces
    }

    static let script = makeScript(
        "commit", PackageResources.commit_lua,
        libraries: [ScriptLibrary.ownership, ScriptLibrary.events, ScriptLibrary.runs, ScriptLibrary.steps, SharedWrites.lua],
        items: [EventItem.self, ValueItem.self])

    let run: RunIdentity
    let keys: RunKeys
    let step: StepCounts
    let state: String
    /// Whether the row takes the place of the last one.
    let replaces: Bool
    let lists: StepLists
    let shared: SharedWrites?
    /// Milliseconds since 1970.
    let made: Int64

    func write(_ names: inout ScriptKeys<Key>) {
        names.append(.record, keys.record)
        names.append(.log, keys.log)
        names.append(.runStore, keys.store)
        names.append(.events, keys.bus.events)
        for store in shared?.stores ?? [] { names.append(more: keys.bus.store(named: store)) }
    }

    func write(_ arguments: inout ScriptArguments<Argument>) {
        arguments.append(run, made: made)
        arguments.append(.rowsBefore, step.rowsBefore)
        arguments.append(.eventsBefore, step.eventsBefore)
        arguments.append(.rowsAfter, step.rowsAfter)
        arguments.append(.eventsAfter, step.eventsAfter)
        arguments.append(.state, state)
        arguments.append(.replaces, replaces)
        arguments.append(rows: lists.rows)
        arguments.append(events: lists.events, from: step.eventsBefore + 1)
        arguments.append(values: lists.values, removed: lists.removed)
        shared?.append(to: &arguments, firstKey: Key.allCases.count + 1)
    }
}
