/// What went wrong, where, and why: the one error of the engine.
///
/// A task may throw any error. What leaves the engine is a `CanoError` that says the state, the task, the attempt and the
/// path that led there, with the thrown error in ``underlying`` and what it follows from in ``causes``.
public struct CanoError: Error, Sendable {
    /// What it is, behind one pointer, because an error is passed on many times. An array of one element is copied only when an error is
    /// changed that is held elsewhere too.
    private var content: [Content]
    /// Where it happened. Beside what it is, for that is known last, and then something else holds the error, too.
    private var place: ErrorPlace?

    /// The attempt that failed last, counted from 1; `nil` when no attempt was made.
    public var attempt: Int?

    /// The labels of the states entered before the failure, oldest first; of a long run only the most recent.
    public var path: [String]

    /// When another attempt makes sense, where the error knows.
    public var retryAfter: Duration?

    /// What became of the finished steps, in the error a run ended with.
    public internal(set) var rollback = Rollback.none

    /// Whether a run ends here with this because another process executes it; only until it has ended here.
    var isElsewhere = false

    private struct Content: Sendable {
        var category: Category
        var message: String
        var causes: BoundedCauses
        var underlying: (any Error)?
        var ownCode: String?
        var ownRetryability: Bool?
    }

    /// The kind of failure.
    public var category: Category {
        get { content[0].category }
        set { content[0].category = newValue }
    }

    /// What happened, for a person. Never parse it: ``category`` and ``code`` are for machines.
    public var message: String {
        get { content[0].message }
        set { content[0].message = newValue }
    }

    /// The label of the state in which it happened; `nil` before a run has entered one.
    public var state: String? {
        get { place?.state }
        set { place = ErrorPlace(state: newValue, task: task) }
    }

    /// The name of the task that failed.
    public var task: String? {
        get { place?.task }
        set { place = ErrorPlace(state: state, task: newValue) }
    }

    /// For ``Category/retryExhausted`` the last error; for ``Category/compensationFailed`` the original error first, then
    /// each failed compensation.
    ///
    /// The first 100, those of causes included, and 16 levels of them: ``omittedCauses`` says how many more there were.
    public var causes: [CanoError] {
        get { bounded.errors }
        set { bounded = BoundedCauses(newValue) }
    }

    /// How many direct causes there were beside those in ``causes``.
    public internal(set) var omittedCauses: Int {
        get { bounded.omitted }
        set { bounded = BoundedCauses(bounded.errors, omitted: newValue) }
    }

    var bounded: BoundedCauses {
        get { content[0].causes }
        set { content[0].causes = newValue }
    }

    /// The error as it was thrown by a task, a store or a resource.
    public var underlying: (any Error)? {
        get { content[0].underlying }
        set { content[0].underlying = newValue }
    }

    /// A stable, machine-readable code: that of the ``CodedError`` behind this error, else the category's raw value.
    public var code: String {
        get { content[0].ownCode ?? category.rawValue }
        set { content[0].ownCode = newValue }
    }

    /// Whether another attempt may succeed. Attempts stop at an error that says `false`.
    public var isRetryable: Bool {
        get {
            content[0].ownRetryability ?? (category == .retryExhausted ? causes.first?.isRetryable : nil) ?? category.isUsuallyRetryable
        }
        set { content[0].ownRetryability = newValue }
    }

    /// Creates an error.
    ///
    /// - Parameters:
    ///   - category: The kind of failure.
    ///   - message: What happened, for a person.
    ///   - code: A code of its own; `nil` uses the category's.
    ///   - state: The label of the state.
    ///   - task: The name of the task.
    ///   - attempt: The attempt, counted from 1.
    ///   - path: The labels of the states entered before.
    ///   - isRetryable: Whether another attempt may succeed; `nil` uses what the category usually says.
    ///   - causes: What this error follows from.
    ///   - underlying: The error that was thrown.
    ///   - retryAfter: When another attempt makes sense.
    public init(
        _ category: Category, _ message: String, code: String? = nil, state: String? = nil, task: String? = nil, attempt: Int? = nil,
        path: [String] = [], isRetryable: Bool? = nil, causes: [CanoError] = [], underlying: (any Error)? = nil,
        retryAfter: Duration? = nil
    ) {
        content = [
            Content(
                category: category, message: message, causes: BoundedCauses(causes), underlying: underlying, ownCode: code,
                ownRetryability: isRetryable)
        ]
        place = state == nil && task == nil ? nil : ErrorPlace(state: state, task: task)
        self.attempt = attempt
        self.path = path
        self.retryAfter = retryAfter
    }

    /// The same error when it is a `CanoError` already, else a ``Category/taskExecution`` error around it that keeps its
    /// code and whether it may be retried.
    public init(_ error: any Error) {
        if let error = error.asCanoError {
            self = error
            return
        }
        self.init(
            .taskExecution, String(describing: error), code: (error as? any CodedError)?.code,
            isRetryable: error is any TerminalError || error is CancellationError ? false : nil, underlying: error,
            retryAfter: (error as? any RetryAfterError)?.retryAfter)
    }
}

extension CanoError {
    /// The error with the place it happened in. One that knows its place, from a workflow inside a task, keeps it.
    ///
    /// - Parameters:
    ///   - place: The state and the task.
    ///   - attempt: The attempt, where the error doesn't know it.
    ///   - path: The labels of the states entered before.
    /// - Returns: The error.
    func placed(at place: ErrorPlace, attempt: Int? = nil, path: [String] = []) -> CanoError {
        guard state == nil else { return self }
        var placed = self
        placed.place = task.map { ErrorPlace(state: place.state, task: $0) } ?? place
        placed.attempt = self.attempt ?? attempt
        placed.path = path
        return placed
    }
}

/// Where errors happen: one object for all of a task.
final class ErrorPlace: Sendable {
    let state: String?
    let task: String?

    init(state: String?, task: String?) {
        self.state = state
        self.task = task
    }
}

extension CanoError: CustomStringConvertible {
    /// The whole story in one line: category, place, message and causes.
    public var description: String {
        var text = code == category.rawValue ? code : "\(category.rawValue)(\(code))"
        if let state { text += " in state \"\(state)\"" }
        if let task { text += ", task \(task)" }
        if let attempt { text += ", attempt \(attempt)" }
        text += ": \(message)"
        if let retryAfter { text += " (try again in \(retryAfter))" }
        if !path.isEmpty { text += " (path: \(path.joined(separator: " → ")))" }
        for (index, cause) in causes.enumerated() {
            text +=
                category == .compensationFailed
                ? "; \(index == 0 ? "original" : "compensation \(index)"): \(cause)" : "; caused by \(cause)"
        }
        if omittedCauses > 0 { text += "; and \(omittedCauses) more" }
        return text
    }
}

extension CanoError {
    /// The message as logs and events keep it: 4 KiB at most.
    package var shortMessage: String {
        let most = 4096
        guard message.utf8.count > most else { return message }
        // What is cut in the middle of a character is not kept.
        var cut = message.utf8.prefix(most)
        while String(cut) == nil, !cut.isEmpty { cut.removeLast() }
        return (String(cut) ?? "") + "… (\(message.utf8.count) bytes in all)"
    }
}
