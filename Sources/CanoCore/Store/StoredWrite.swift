import CanoPrimitives

/// A write as a row keeps it, until what it belongs to is a part of the run.
struct StoredWrite: Sendable, Hashable, Codable {
    /// What it does, as it is named in a row.
    enum Operation: String, Sendable, Codable {
        case put
        case remove
        case increment
        case putIfAbsent = "put_if_absent"
        case append
    }

    private let store: String?
    private let key: String
    private let operation: Operation
    /// The value, the element or the amount, as JSON text.
    private let value: String?

    /// Keeps a write.
    ///
    /// - Throws: ``CanoError/Category/store`` when its value does not encode as JSON.
    init(_ write: StagedWrite) throws(CanoError) {
        store = write.store
        key = write.key
        switch write.operation {
        case .put(let new): (operation, value) = (.put, try Self.text(of: new, write.key))
        case .remove: (operation, value) = (.remove, nil)
        case .increment(let amount): (operation, value) = (.increment, String(amount))
        case .putIfAbsent(let new): (operation, value) = (.putIfAbsent, try Self.text(of: new, write.key))
        case .append(let element): (operation, value) = (.append, try Self.text(of: element, write.key))
        }
    }

    /// The write again: it does the same, and what it puts is read as whatever type it is.
    ///
    /// - Throws: ``CanoError/Category/checkpointStore`` with the code `malformed_log`.
    var staged: StagedWrite {
        get throws(CanoError) {
            let text = value ?? "null"
            let again: StagedWrite.Operation
            switch operation {
            case .put: again = .put(JSONText(text))
            case .remove: again = .remove
            case .putIfAbsent: again = .putIfAbsent(JSONText(text))
            case .append: again = .append(JSONText(text))
            case .increment:
                guard let amount = Int(text) else {
                    throw CanoError(
                        .checkpointStore, "the log cannot be resumed: a row adds \"\(text)\" to \"\(key)\", which is no number",
                        code: "malformed_log")
                }
                again = .increment(amount)
            }
            return StagedWrite(store: store, key: key, operation: again)
        }
    }

    /// Whether another run can refuse it.
    var isSharedClaim: Bool { store != nil && operation == .putIfAbsent }

    /// The write as JSON. Written by hand: an encoder costs more than most branches.
    var json: String {
        var writer = JSONWriter()
        if let store { writer.member("store", store) }
        writer.member("key", key)
        writer.member("operation", operation.rawValue)
        if let value { writer.member("value", value) }
        return writer.object
    }

    private static func text(of value: any Codable & Sendable, _ key: String) throws(CanoError) -> String {
        do {
            return String(decoding: try JSONValue.encode(value), as: UTF8.self)
        } catch {
            throw CanoError(
                .store, "the value of \"\(key)\", a \(type(of: value)), does not encode as JSON: \(error)", isRetryable: false,
                underlying: error)
        }
    }
}
