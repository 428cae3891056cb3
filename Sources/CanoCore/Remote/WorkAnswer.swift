/// What a worker answers.
///
/// It reaches its run as a signal whose data is JSON, with the attempt it is about, and what the work came to
///
/// ```json
/// {"attempt": 1, "output": {"receipt": "r-77"}, "next": "ship"}
/// ```
///
/// or why it has failed:
///
/// ```json
/// {"attempt": 1, "failure": {"code": "card.declined", "message": "no funds", "retryable": true, "retry_after_ms": 5000}}
/// ```
///
/// `next` and `retry_after_ms` may be missing, and a failure may have a `cause`: what the child run ended with that did the work. Data that is not like this fails the attempt, and no other attempt is made.
public enum WorkAnswer: Sendable, Hashable {
    /// The work is done.
    ///
    /// - Parameters:
    ///   - output: What it came to, as JSON text of 1 MiB at most.
    ///   - next: The label of the state that follows, where the worker decides that; `nil` where the task does.
    case completed(output: [UInt8], next: String? = nil)
    /// The attempt has failed.
    case failed(WorkFailure)

    /// For hosts: the signal in which the answer reaches its run.
    ///
    /// - Parameters:
    ///   - leg: What the request said the signal is called; see ``WorkRequest/leg``.
    ///   - attempt: The attempt that was asked for.
    ///   - id: What tells it from every other signal of the run. The same answer sent again has the same.
    /// - Returns: The signal.
    public func signal(_ leg: String, attempt: Int, id: String) -> ReceivedSignal {
        ReceivedSignal(id: id, name: leg, data: AttemptAnswer(attempt: attempt, answer: self).data)
    }

    /// For hosts: the signal in which the answer to a request reaches its run.
    public func signal(answering request: WorkRequest, id: String) -> ReceivedSignal {
        signal(request.leg, attempt: request.attempt, id: id)
    }
}
