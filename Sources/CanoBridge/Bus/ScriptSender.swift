import CanoCore
import CanoPrimitives
import CanoRedis
import Logging

/// Sends scripts until they are answered.
///
/// A script of the bus may be repeated: sent twice it writes once. So trouble on the way, and trouble in Redis that
/// passes (`LOADING`, `OOM`, `READONLY`), is waited out here and fails nothing; for a run under way also what an operator has to
/// repair first (a key that was overwritten, a permission that was taken away).
struct ScriptSender: Sendable {
    private let redis: any BusTransport
    private let logger: Logger
    private let random: RandomSource
    /// How long scripts take is told there.
    private let timing: ScriptTiming?
    /// Short at first, for a connection that is back at once. Of different lengths, lest all that one connection had taken along come back
    /// together: if one of them is what ends the connection, the others would never be answered.
    private static let pauses = Backoff(base: .milliseconds(50), cap: .seconds(1), jitter: 0.5)

    init(_ redis: any BusTransport, logger: Logger, random: RandomSource, timing: ScriptTiming? = nil) {
        self.redis = redis
        self.logger = logger
        self.random = random
        self.timing = timing
    }

    /// Sends a script until it is answered or the run it is for must not go on here.
    ///
    /// The caller's cancellation does not stop it: what a script has done must be known before the next one is made.
    ///
    /// - Parameters:
    ///   - call: The script.
    ///   - control: That of the run it is for.
    ///   - waitsForRepair: Whether to wait until an operator has repaired what does not pass by itself. What has not begun need not.
    /// - Returns: What the script answered.
    /// - Throws: ``Relinquished`` once the run was handed back or lost and the script is not answered; ``RedisError`` for what
    ///   does not pass; what reading the answer throws.
    func send<Call: ScriptCall>(
        _ call: Call, for control: RunControl? = nil, waitsForRepair: Bool = true
    ) async throws -> Call.Answer {
        let encoded = call.encoded
        let reply = try await withCheckedThrowingContinuation { continuation in
            send(Call.script.name, making: { encoded }, for: control, waitsForRepair: waitsForRepair) { continuation.resume(with: $0) }
        }
        return try call.answer(reply)
    }

    /// The same for a script that is made anew each time it is sent, and belongs to no run of this bridge yet.
    func send<Call: ScriptCall>(waitsForRepair: Bool, making makeCall: @escaping @Sendable () -> Call) async throws -> Call.Answer {
        // Whichever of them is answered, they read an answer alike.
        let first = makeCall()
        let reply = try await withCheckedThrowingContinuation { continuation in
            send(Call.script.name, making: { makeCall().encoded }, for: nil, waitsForRepair: waitsForRepair) {
                continuation.resume(with: $0)
            }
        }
        return try first.answer(reply)
    }

    /// The same without a task; the completion runs on the connection's thread.
    func send<Call: ScriptCall>(
        _ call: Call, for control: RunControl, completion: @escaping @Sendable (Result<Call.Answer, any Error>) -> Void
    ) {
        let encoded = call.encoded
        send(Call.script.name, making: { encoded }, for: control, waitsForRepair: true) { reply in
            completion(Result { try call.answer(try reply.get()) })
        }
    }

    private func send(
        _ script: String, making makeCall: @escaping @Sendable () -> RedisScriptCall, for control: RunControl?, waitsForRepair: Bool,
        completion: @escaping @Sendable (Result<RESPValue, any Error>) -> Void
    ) {
        send(
            making: makeCall, for: control, waitsForRepair: waitsForRepair, attempt: 1, of: script,
            completion: timing?.timing(script, completion) ?? completion)
    }

    private func send(
        making makeCall: @escaping @Sendable () -> RedisScriptCall, for control: RunControl?, waitsForRepair: Bool, attempt: Int,
        of script: String,
        completion: @escaping @Sendable (Result<RESPValue, any Error>) -> Void
    ) {
        redis.evaluate(makeCall()) { result in
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
                    timing?.metrics.count(.scriptRepeats, script)
                    logger.warning("a script is repeated", metadata: ["attempt": "\(attempt)", "error": "\(error)"])
                    redis.after(Self.pauses.delay(afterFailures: attempt, random: random.next())) {
                        send(
                            making: makeCall, for: control, waitsForRepair: waitsForRepair, attempt: attempt + 1, of: script,
                            completion: completion)
                    }
                }
            }
        }
    }
}
