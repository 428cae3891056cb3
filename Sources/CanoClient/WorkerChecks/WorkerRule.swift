/// What the contract asks of a worker, as far as it can be seen from outside.
package enum WorkerRule: String, Sendable, Hashable, CaseIterable {
    case taking = "takes tasks off its queue"
    case ownName = "reads under a consumer name of its own"
    case success = "answers work that succeeds"
    case failure = "answers work that fails"
    case again = "does the same work again for another attempt"
    case heartbeat = "is heard of while work outlasts its lease"
    case readingAhead = "takes no more than it can begin"
    case withdrawal = "goes on when its task was withdrawn"
    case leaving = "leaves its tasks to the bridges"
    case answeringOnce = "answers each task once"
}
