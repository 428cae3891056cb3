import CanoPrimitives

/// A failure as JSON: what a row keeps of the one behind a rollback, and what a parent hears of that of its child.
struct StoredFailure: Codable, Hashable, Sendable {
    private let category: String
    private let code: String
    private let message: String
    private let state: String?
    private let task: String?
    private let attempt: Int?
    private let path: [String]
    private let retryable: Bool
    private let causes: [StoredFailure]
    /// How many causes there were beside these.
    private let omitted: Int?
    /// The step in the middle of which the rollback began, where that is to be undone, too.
    let step: UnfinishedStep?

    init(_ error: CanoError, within step: UnfinishedStep? = nil) {
        self.step = step
        category = error.category.rawValue
        code = error.code
        message = error.shortMessage
        state = error.state
        task = error.task
        attempt = error.attempt
        path = error.path
        retryable = error.isRetryable
        causes = error.causes.map { StoredFailure($0) }
        omitted = error.omittedCauses > 0 ? error.omittedCauses : nil
    }

    /// The JSON.
    var json: String { writer.object }

    /// The JSON as UTF-8.
    var utf8: [UInt8] { writer.utf8() }

    /// Written by hand: an encoder costs more than all the rest of a short rollback.
    private var writer: JSONWriter {
        var writer = JSONWriter()
        writer.member("category", category)
        writer.member("code", code)
        writer.member("message", message)
        if let state { writer.member("state", state) }
        if let task { writer.member("task", task) }
        if let attempt { writer.member("attempt", Int64(attempt)) }
        writer.member("path", strings: path)
        writer.member("retryable", retryable)
        writer.member("causes", json: causes.isEmpty ? "[]" : JSONWriter.array(causes.map(\.json)))
        if let omitted { writer.member("omitted", Int64(omitted)) }
        if let step { writer.member("step", json: step.json) }
        return writer
    }

    /// The error again, without what cannot be stored: the value that was thrown.
    var error: CanoError {
        let category = CanoError.Category(rawValue: category) ?? .generic
        var error = CanoError(
            category, message, code: code == category.rawValue ? nil : code, state: state, task: task, attempt: attempt, path: path,
            isRetryable: retryable, causes: causes.map(\.error))
        error.omittedCauses += omitted ?? 0
        return error
    }
}
