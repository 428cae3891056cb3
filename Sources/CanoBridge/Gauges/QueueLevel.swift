/// How full queues of tasks are that share a label. Pure.
struct QueueLevel: Sendable, Hashable {
    var waiting = 0
    var held = 0
    var inHand = 0
    /// The ages of the oldest tasks, in milliseconds; 0 for none.
    var oldestWaiting: Int64 = 0
    var oldestInHand: Int64 = 0

    /// Both together.
    mutating func add(_ other: QueueLevel) {
        waiting += other.waiting
        held += other.held
        inHand += other.inHand
        oldestWaiting = max(oldestWaiting, other.oldestWaiting)
        oldestInHand = max(oldestInHand, other.oldestInHand)
    }
}
