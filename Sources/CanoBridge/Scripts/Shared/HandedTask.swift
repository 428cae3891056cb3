import CanoBus
import CanoRedis

/// A task that a step hands out: what workers of its queue get, and what the run remembers of it.
struct HandedTask: Sendable, Hashable {
    let queue: String
    /// The part of the run that waits for the answer. What it has open already is an older attempt, and withdrawn.
    let leg: String
    /// From 1.
    let attempt: Int
    /// What the tokens of all attempts have in common.
    let nonce: String
    /// How often the worker is to be heard of, in milliseconds.
    let lease: Int64
    /// How long it may wait for a worker, in milliseconds; nil for as long as it takes.
    let queueUpTo: Int64?
    /// How many tasks the queue may have, so that this one is put there: until then it is held back; nil without a bound.
    let capacity: Int?
    /// The label of the state.
    let state: String
    /// The name of the task.
    let name: String
    /// How many attempts there are at most; nil without a limit.
    let attempts: Int?
    /// When the answer is of no use any more, in milliseconds since 1970; nil for never.
    let until: Int64?
    let idempotencyKey: String
    /// JSON text.
    let input: [UInt8]
    let traceparent: String
}

/// A task to hand out among the arguments of a script.
enum HandedItem: String, ScriptItem {
    case queue, leg, token, version, state, name, attempt, attempts, nonce, lease
    case queueUpTo = "queue_ms"
    case capacity
    case until
    case idempotencyKey = "idempotency_key"
    case input, traceparent

    static let item = "handed"
}
