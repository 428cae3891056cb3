import CanoPrimitives

/// Whether and when a request is sent again, as OTLP has it.
struct RetryPolicy: Sendable {
    /// What is done after an answer.
    enum Verdict: Sendable, Equatable {
        /// The spans are the receiver's.
        case accepted
        /// The request is sent again after that pause.
        case retry(after: Duration)
        /// The receiver will never take them.
        case refused
    }

    /// The pauses that the receiver does not decide.
    let backoff = Backoff(base: .seconds(1), multiplier: 2, cap: .seconds(30), jitter: 0.5)
    /// What pauses a receiver may ask for. It may be mistaken: spans wait meanwhile, and no request is to follow the other at once.
    let askedPauses = Duration.milliseconds(100)...Duration.seconds(300)

    /// The statuses after which the same request may succeed.
    private static let temporary: Set = [429, 502, 503, 504]

    /// - Parameters:
    ///   - answer: What became of the request.
    ///   - failures: How often it has failed in a row, this time included.
    ///   - random: Decides the random share of the pause: from 0 up to 1.
    /// - Returns: What is done.
    func verdict(on answer: ExportAnswer, afterFailures failures: Int, random: Double) -> Verdict {
        switch answer {
        case .status(200..<300, _): .accepted
        case .status(let status, let retryAfter) where Self.temporary.contains(status):
            .retry(
                after: retryAfter.map { min(max($0, askedPauses.lowerBound), askedPauses.upperBound) }
                    ?? backoff.delay(afterFailures: failures, random: random))
        case .status: .refused
        case .none: .retry(after: backoff.delay(afterFailures: failures, random: random))
        }
    }
}
