/// Who waits for a reply.
///
/// A waiter is told exactly once; the command queue hands each one out once and keeps none.
enum ReplyWaiter: Sendable {
    /// A suspended task.
    case task(CheckedContinuation<Result<RESPValue, RedisError>, Never>)
    /// A callback that runs on the connection's event loop.
    case callback(@Sendable (Result<RESPValue, RedisError>) -> Void)

    func resume(with result: Result<RESPValue, RedisError>) {
        switch self {
        case .task(let continuation): continuation.resume(returning: result)
        case .callback(let callback): callback(result)
        }
    }
}
