import CanoPrimitives
import FoundationEssentials

/// The failure behind a rollback, as its row keeps it: a run that is resumed in its rollback ends with the same error.
struct StoredFailure: Codable, Equatable {
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

    init(_ error: CanoError) {
        category = error.category.rawValue
        code = error.code
        message = error.shortMessage
        state = error.state
        task = error.task
        attempt = error.attempt
        path = error.path
        retryable = error.isRetryable
        causes = error.causes.map(StoredFailure.init)
        omitted = error.omittedCauses > 0 ? error.omittedCauses : nil
    }

    /// Reads the payload of the row.
    ///
    /// - Throws: ``CanoError/Category/checkpointStore`` with the code `malformed_log`.
    init(_ row: CheckpointRow) throws(CanoError) {
        do {
            self = try JSONDecoder().decode(StoredFailure.self, from: Data(row.payload ?? []))
        } catch {
            throw CanoError(
                .checkpointStore, "the log cannot be resumed: row \(row.sequence) does not say why the run was rolled back",
                code: "malformed_log", underlying: error)
        }
    }

    /// The payload of the row. Written by hand: an encoder costs more than all the rest of a short rollback.
    var encoded: [UInt8] { Array(json.utf8) }

    private var json: String {
        var writer = JSONWriter()
        writer.member("category", category)
        writer.member("code", code)
        writer.member("message", message)
        if let state { writer.member("state", state) }
        if let task { writer.member("task", task) }
        if let attempt { writer.member("attempt", Int64(attempt)) }
        writer.member("path", json: JSONWriter.array(path.map { JSONWriter.string($0) }))
        writer.member("retryable", retryable)
        writer.member("causes", json: JSONWriter.array(causes.map(\.json)))
        if let omitted { writer.member("omitted", Int64(omitted)) }
        return writer.object
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
