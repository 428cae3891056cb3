import CanoCore
import CanoRedis
import Logging
import NIOCore

/// Sends scripts until they are answered.
///
/// A script of the bus may be repeated: sent twice it writes once. So trouble on the way, and trouble in Redis that
/// passes (`LOADING`, `OOM`, `READONLY`, a key somebody overwrote), is waited out here and fails nothing.
struct ScriptSender: Sendable {
    let redis: RedisClient
    let logger: Logger
    private let patience = RepeatDelay()

    init(_ redis: RedisClient, logger: Logger) {
        self.redis = redis
        self.logger = logger
    }

    /// Sends a script until it is answered or the run it is for must not go on here.
    ///
    /// The caller's cancellation does not stop it: what a script has done must be known before the next one is made.
    ///
    /// - Parameters:
    ///   - call: The script.
    ///   - control: That of the run it is for.
    ///   - toleratesWrongType: Whether to wait until a key that holds something else is free again. Who has not begun
    ///     anything yet need not.
    /// - Returns: What the script answered.
    /// - Throws: ``Relinquished`` once the run was handed back or lost and the script is not answered; ``RedisError`` for a
    ///   wrong type, of which nothing was written.
    func send(
        _ call: RedisScriptCall, for control: RunControl? = nil, toleratesWrongType: Bool = true
    ) async throws -> RESPValue {
        try await withCheckedThrowingContinuation { continuation in
            send(call, for: control, toleratesWrongType: toleratesWrongType) { continuation.resume(with: $0) }
        }
    }

    /// The same without a task; the completion runs on the connection's event loop.
    func send(
        _ call: RedisScriptCall, for control: RunControl?, toleratesWrongType: Bool = true, attempt: Int = 1,
        completion: @escaping @Sendable (Result<RESPValue, any Error>) -> Void
    ) {
        redis.evaluate(call) { result in
            switch result {
            case .success(let reply):
                completion(.success(reply))
            case .failure(let error):
                if let reason = control?.departure {
                    completion(.failure(Relinquished(reason: reason)))
                } else if case .clientShutDown = error.code {
                    completion(.failure(Relinquished(reason: .handBack)))
                } else if !toleratesWrongType, error.serverError?.code == "WRONGTYPE" {
                    completion(.failure(error))
                } else {
                    logger.warning("a script is repeated", metadata: ["attempt": "\(attempt)", "error": "\(error)"])
                    redis.eventLoop.scheduleTask(in: patience.delay(after: attempt)) {
                        send(call, for: control, toleratesWrongType: toleratesWrongType, attempt: attempt + 1, completion: completion)
                    }
                }
            }
        }
    }
}
