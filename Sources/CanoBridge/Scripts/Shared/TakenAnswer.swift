import CanoBus
import CanoRedis

/// A worker's answer that the script of a step takes off its stream: the step is what the answer led to.
struct TakenAnswer: Sendable, Hashable {
    /// Its entry on the stream of results.
    let entry: StreamEntryID
    let token: TaskToken
    /// The queue that the task is on.
    let queue: String
    /// How long the run is the bridge's from then on, unless it is put down again.
    let lease: Duration

    /// The leg that it ends.
    var closed: TaskChanges.ClosedLeg { TaskChanges.ClosedLeg(leg: token.leg, queue: queue) }
}

/// An answer among the arguments of a script.
enum TakenItem: String, ScriptItem {
    case entry, leg, attempt, nonce
    case lease = "lease_ms"

    static let item = "taken"
}

extension ScriptArguments {
    /// Adds a list of one answer, or of none.
    mutating func append(taken answer: TakenAnswer?) {
        append(list: TakenItem.self, of: answer) { list, answer in
            list.append(.entry, answer.entry.description)
            list.append(.leg, answer.token.leg)
            list.append(.attempt, answer.token.attempt)
            list.append(.nonce, answer.token.nonce)
            list.append(.lease, answer.lease)
        }
    }
}
