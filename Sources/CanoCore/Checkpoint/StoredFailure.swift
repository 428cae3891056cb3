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

    init(_ error: CanoError) {
        category = error.category.rawValue
        code = error.code
        message = error.message
        state = error.state
        task = error.task
        attempt = error.attempt
        path = error.path
        retryable = error.isRetryable
        causes = error.causes.map(StoredFailure.init)
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
    var encoded: [UInt8] {
        var text = ""
        write(to: &text)
        return Array(text.utf8)
    }

    private func write(to text: inout String) {
        func member(_ name: String, _ value: String) { text += "\"\(name)\":\(Self.quoted(value))," }
        text += "{"
        member("category", category)
        member("code", code)
        member("message", message)
        if let state { member("state", state) }
        if let task { member("task", task) }
        if let attempt { text += "\"attempt\":\(attempt)," }
        text += "\"path\":[\(path.map(Self.quoted).joined(separator: ","))],\"retryable\":\(retryable),\"causes\":["
        for (index, cause) in causes.enumerated() {
            if index > 0 { text += "," }
            cause.write(to: &text)
        }
        text += "]}"
    }

    private static func quoted(_ value: String) -> String {
        guard value.utf8.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) else {
            return "\"\(value)\""
        }
        var text = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\u{0}"..<" ":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }

    /// The error again, without what cannot be stored: the value that was thrown.
    var error: CanoError {
        CanoError(
            CanoError.Category(rawValue: category) ?? .generic, message, code: code == category ? nil : code, state: state, task: task,
            attempt: attempt, path: path, isRetryable: retryable, causes: causes.map(\.error))
    }
}
