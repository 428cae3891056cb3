import Synchronization

/// Gathers the replies of a pipeline; the last one resumes the caller.
final class PipelineReplies: Sendable {
    typealias Replies = [Result<RESPValue, RedisError>]

    private struct State {
        var replies: [Result<RESPValue, RedisError>?]
        var missing: Int
    }

    private let state: Mutex<State>
    private let continuation: CheckedContinuation<Result<Replies, RedisError>, Never>

    init(count: Int, _ continuation: CheckedContinuation<Result<Replies, RedisError>, Never>) {
        state = Mutex(State(replies: Array(repeating: nil, count: count), missing: count))
        self.continuation = continuation
    }

    func add(_ reply: Result<RESPValue, RedisError>, at index: Int) {
        let complete: Replies? = state.withLock { state in
            state.replies[index] = reply
            state.missing -= 1
            return state.missing == 0 ? state.replies.compactMap { $0 } : nil
        }
        if let complete { continuation.resume(returning: .success(complete)) }
    }
}
