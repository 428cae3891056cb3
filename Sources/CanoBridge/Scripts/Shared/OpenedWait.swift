import CanoBus
import CanoCore
import CanoRedis

/// The wait that a step opens for its run, as the record keeps it.
struct OpenedWait: Sendable, Hashable {
    /// Any of them that is met wakes the run; none where it waits for time alone.
    let waits: [SignalWait]
    /// What the run waits for, for people: `signal approved or rejected`, `task payments`, `child invoice`, `timer`, `retry`.
    let waitingFor: String
    /// When it began to, in milliseconds since 1970.
    let since: Int64
    /// When it wakes whatever has come, in milliseconds since 1970; nil for never. The end of the run's own time wakes it too, unless it is
    /// undone.
    let wakeAt: Int64?
    /// Whether the run is being undone: then it waits although it is to be cancelled.
    let isUndoing: Bool
}

extension OpenedWait {
    /// What the engine waits for.
    ///
    /// - Parameters:
    ///   - wait: What for.
    ///   - kind: The kind of the row with which it begins to.
    ///   - since: When, in milliseconds since 1970.
    ///   - isUndoing: Whether the run is being undone.
    ///   - queue: Answers the queue of the task whose answer a signal is; nil for any other signal.
    ///   - child: Answers the workflow of the child whose end a signal is; nil for any other signal.
    init(
        _ wait: RunWait, of kind: RowKind, since: Int64, isUndoing: Bool, queue: (String) -> String?, child: (String) -> String?
    ) {
        let named = wait.waits.filter { !$0.signals.isEmpty }
        var (signals, queues, workflows): ([String], [String], [String]) = ([], [], [])
        for wait in named {
            if let queue = wait.signals.first.flatMap(queue) {
                if !queues.contains(queue) { queues.append(queue) }
            } else if let workflow = wait.signals.first.flatMap(child) {
                if !workflows.contains(workflow) { workflows.append(workflow) }
            } else {
                signals.append(wait.signals.joined(separator: wait.need > 1 ? " and " : " or "))
            }
        }
        let texts = [("signal ", signals), ("task ", queues), ("child ", workflows)].filter { !$1.isEmpty }.map {
            $0 + $1.joined(separator: ", ")
        }
        self.init(
            waits: named.map { SignalWait(need: $0.need, signals: $0.signals) },
            waitingFor: texts.isEmpty ? (kind == .attempt ? "retry" : "timer") : texts.joined(separator: ", "),
            since: since, wakeAt: wait.until, isUndoing: isUndoing)
    }
}

/// A wait among the arguments of a script.
enum OpenedItem: String, ScriptItem {
    case waits
    case waitingFor = "waiting_for"
    case waitingSince = "waiting_since"
    case wakeAt = "wake_at"
    case isUndoing = "is_undoing"

    static let item = "opened"
}

extension ScriptArguments {
    /// Adds a list of one wait, or of none.
    mutating func append(opened wait: OpenedWait?) {
        append(list: OpenedItem.self, of: wait) { list, wait in
            list.append(.waits, SignalWait.json(wait.waits))
            list.append(.waitingFor, wait.waitingFor)
            list.append(.waitingSince, wait.since)
            list.append(.wakeAt, wait.wakeAt)
            list.append(.isUndoing, wait.isUndoing)
        }
    }
}
