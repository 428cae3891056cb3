import CanoCore
import CanoRedis
import Logging

/// Sends scripts until they are answered.
///
/// A script of the bus may be repeated: sent twice it writes once. So trouble on the way, and trouble in Redis that
/// passes (`LOADING`, `OOM`, `READONLY`), is waited out here and fails nothing; for a run under way also what somebody has to
/// repair first (a key that was overwritten, a permission that was taken away).
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
    ///   - waitsForRepair: Whether to wait until somebody has repaired what does not pass by itself. Who has not begun
    ///     anything yet need not.
    /// - Returns: What the script answered.
    /// - Throws: ``Relinquished`` once the run was handed back or lost and the script is not answered; ``RedisError`` for what
    ///   does not pass.
    func send(
        _ call: RedisScriptCall, for control: RunControl? = nil, waitsForRepair: Bool = true
    ) async throws -> RESPValue {
        try await withCheckedThrowingContinuation { continuation in
            send(call, for: control, waitsForRepair: waitsForRepair) { continuation.resume(with: $0) }
        }
    }

    /// The same for a script that is made anew each time it is sent, and belongs to no run of this bridge yet.
    func send(waitsForRepair: Bool, making call: @escaping @Sendable () -> RedisScriptCall) async throws -> RESPValue {
        try await withCheckedThrowingContinuation { continuation in
            send(making: call, for: nil, waitsForRepair: waitsForRepair) { continuation.resume(with: $0) }
        }
    }

    /// The same without a task; the completion runs on the connection's thread.
    func send(
        _ call: RedisScriptCall, for control: RunControl?, waitsForRepair: Bool = true,
        completion: @escaping @Sendable (Result<RESPValue, any Error>) -> Void
    ) {
        send(making: { call }, for: control, waitsForRepair: waitsForRepair, completion: completion)
    }

    private func send(
        making call: @escaping @Sendable () -> RedisScriptCall, for control: RunControl?, waitsForRepair: Bool, attempt: Int = 1,
        completion: @escaping @Sendable (Result<RESPValue, any Error>) -> Void
    ) {
        redis.evaluate(call()) { result in
            switch result {
            case .success(let reply):
                completion(.success(reply))
            case .failure(let error):
                if let reason = control?.handoffReason {
                    completion(.failure(Relinquished(reason: reason)))
                } else if case .clientShutDown = error.code {
                    completion(.failure(Relinquished(reason: .handBack)))
                } else if !waitsForRepair, !error.isPassing {
                    completion(.failure(error))
                } else {
                    logger.warning("a script is repeated", metadata: ["attempt": "\(attempt)", "error": "\(error)"])
                    redis.after(patience.delay(after: attempt)) {
                        send(
                            making: call, for: control, waitsForRepair: waitsForRepair, attempt: attempt + 1, completion: completion)
                    }
                }
            }
        }
    }
}
