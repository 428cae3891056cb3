import CanoCore

/// Sends one request after the other, each until the receiver has taken or refused it.
struct RequestSender: Sendable {
    /// What became of a request.
    enum Outcome: Sendable {
        /// The receiver has taken it, perhaps not all of it.
        case accepted(ExportResponse)
        /// The receiver won't ever take it.
        case refused(ExportAnswer)
        /// It was not to be sent again.
        case givenUp
    }

    let receiver: OTLPReceiver
    let random: RandomSource
    private let policy = RetryPolicy()

    init(receiver: OTLPReceiver, random: RandomSource) {
        self.receiver = receiver
        self.random = random
    }

    /// Sends a request.
    ///
    /// - Parameters:
    ///   - body: The request.
    ///   - failed: Told of each attempt that may be repeated.
    ///   - pause: Pauses before the next one; whether there is to be one.
    /// - Returns: What became of it.
    /// - Throws: `CancellationError`; what the pause throws.
    func send(
        _ body: String, failed: (ExportAnswer) -> Void, pause: (Duration) async throws -> Bool
    ) async throws -> Outcome {
        var failures = 0
        while true {
            let (answer, text) = try await receiver.post(body)
            switch policy.verdict(on: answer, afterFailures: failures + 1, random: random.next()) {
            case .accepted: return .accepted(ExportResponse(text))
            case .refused: return .refused(answer)
            case .retry(let duration):
                failures += 1
                failed(answer)
                guard try await pause(duration) else { return .givenUp }
            }
        }
    }
}
