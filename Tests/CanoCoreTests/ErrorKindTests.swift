import Testing

@testable import CanoCore

@Suite("What an error says of another attempt", .timeLimit(.minutes(5))) struct ErrorKindTests {
    private struct Plain: Error {}
    private struct Final: TerminalError {}
    private struct Busy: RetryAfterError { var retryAfter: Duration { .seconds(7) } }
    private class Reference: Error, @unchecked Sendable { let isFinal = false }
    private final class FinalReference: Reference, TerminalError, @unchecked Sendable {}

    @Test("is asked of each error, whatever the one before it was")
    func mixed() {
        let delay = Duration.seconds(1)
        let errors: [(any Error, Duration?)] = [
            (Plain(), delay), (Final(), nil), (Busy(), .seconds(7)), (CancellationError(), nil), (Reference(), delay),
            (FinalReference(), nil), (CanoError(.taskExecution, "again"), delay), (CanoError(.configuration, "never"), nil),
            (CanoError(.rateLimited, "later", retryAfter: .seconds(9)), .seconds(9)),
        ]
        for (first, _) in errors {
            for (error, pause) in errors {
                _ = first.pauseBeforeRetry(delay)
                #expect(error.pauseBeforeRetry(delay) == pause, "\(error) after \(first)")
                #expect(error.pauseBeforeRetry(delay) == pause, "\(error) again")
            }
        }
    }

    @Test("is kept where an error of the engine is passed on as any error")
    func known() {
        let error: any Error = CanoError(.store, "full", state: "s", path: ["a", "s"], isRetryable: false)
        #expect(error.asCanoError?.message == "full")
        #expect(error.asCanoError?.path == ["a", "s"])
        #expect((Plain() as any Error).asCanoError == nil)
    }

    @Test("and where it happened are its own, though errors share what they are")
    func places() {
        let first = CanoError(.circuitOpen, "open")
        var second = first
        second.retryAfter = .seconds(1)
        second.state = "s"
        second.attempt = 2
        #expect(first.retryAfter == nil && first.state == nil && first.attempt == nil)
        second.task = "t"
        #expect(second.state == "s" && second.task == "t")
        second.message = "closed"
        #expect(first.message == "open")
    }
}
