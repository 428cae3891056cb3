import CanoPrimitives

/// What a worker, or a child run, failed with.
public struct WorkFailure: Sendable, Hashable {
    /// A stable, machine-readable code, such as `card.declined`: 1 to 100 characters of `A-Za-z0-9._-`. It becomes ``CanoError/code``.
    public var code: String
    /// What happened, for a person. Of a longer one 4 KiB are kept.
    public var message: String
    /// Whether another attempt may succeed.
    public var isRetryable: Bool
    /// When another attempt makes sense, where the worker knows.
    public var retryAfter: Duration?
    /// What the child run ended with; `nil` of a worker.
    private(set) var cause: StoredFailure?

    /// Creates a failure.
    public init(code: String, message: String, isRetryable: Bool = true, retryAfter: Duration? = nil) {
        self.code = code
        self.message = message
        self.isRetryable = isRetryable
        self.retryAfter = retryAfter
    }

    /// The failure of a worker that threw this: with its code where it has one, and what it says about another attempt.
    public init(_ error: any Error) {
        let error = CanoError(error)
        self.init(
            code: Name.isValid(error.code) ? error.code : error.category.rawValue, message: error.shortMessage,
            isRetryable: error.isRetryable, retryAfter: error.retryAfter)
    }

    /// The failure of a child run that did not complete.
    ///
    /// - Parameters:
    ///   - child: The child's id.
    ///   - workflow: What its workflow is called.
    ///   - error: What it ended with; of the category ``CanoError/Category/cancelled`` when it was cancelled. No other child is started then.
    public init(of child: RunID, workflow: String, endedBy error: CanoError) {
        let what = error.category == .cancelled ? "was cancelled" : "failed"
        self.init(
            code: Name.isValid(error.code) ? error.code : error.category.rawValue,
            message: "the child run \"\(child)\" of the workflow \"\(workflow)\" \(what): \(error.shortMessage)",
            isRetryable: error.category != .cancelled && error.isRetryable, retryAfter: error.retryAfter)
        cause = StoredFailure(error)
    }

    init(code: String, message: String, isRetryable: Bool, retryAfter: Duration?, cause: StoredFailure?) {
        self.init(code: code, message: message, isRetryable: isRetryable, retryAfter: retryAfter)
        self.cause = cause
    }

    /// Whether the work may have been done all the same: a host says so of a worker that was not heard of again.
    var leavesOutcomeUnknown: Bool { ["worker_lost", "timeout"].contains(code) }

    /// What the attempt failed with.
    var error: CanoError {
        let cause = cause?.error
        return CanoError(
            cause?.category == .cancelled ? .cancelled : .taskExecution, message, code: code, isRetryable: isRetryable,
            causes: cause.map { [$0] } ?? [], retryAfter: retryAfter)
    }
}
