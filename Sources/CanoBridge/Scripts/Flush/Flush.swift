import CanoBus
import CanoRedis

/// Publishes what has happened in a state that takes long, without a row.
struct Flush: StepCall {
    enum Key: String, ScriptName { case record, events }

    enum Argument: String, RunArguments {
        case bridge, epoch, source, run, workflow, traceparent, made, rows
        case eventsBefore = "events_before"
        case eventsAfter = "events_after"
    }

    static let script = makeScript(
        "flush", PackageResources.flush_lua,
        libraries: [ScriptLibrary.ownership, ScriptLibrary.events, ScriptLibrary.runs, ScriptLibrary.steps],
        items: [EventItem.self, ValueItem.self])

    let run: RunIdentity
    let keys: RunKeys
    let step: StepCounts
    let events: [PendingEvent]
    /// Milliseconds since 1970.
    let made: Int64

    func write(_ names: inout ScriptKeys<Key>) {
        names.append(.record, keys.record)
        names.append(.events, keys.bus.events)
    }

    func write(_ arguments: inout ScriptArguments<Argument>) {
        arguments.append(run, made: made)
        arguments.append(.rows, step.rowsBefore)
        arguments.append(.eventsBefore, step.eventsBefore)
        arguments.append(.eventsAfter, step.eventsAfter)
        arguments.append(events: events, from: step.eventsBefore + 1)
    }
}
