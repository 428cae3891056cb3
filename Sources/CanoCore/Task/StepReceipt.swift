/// What undoing a finished step takes, as it came from the task or from the log. For the engine.
public struct StepReceipt: Sendable {
    @usableFromInline enum Content: Sendable {
        case value(any Codable & Sendable)
        case stored([UInt8])
    }

    @usableFromInline let content: Content

    @inlinable init(_ receipt: some Codable & Sendable) { content = .value(receipt) }

    init(stored bytes: [UInt8]) { content = .stored(bytes) }

    /// The receipt as the task knows it.
    @inlinable func value<Receipt: Codable & Sendable>(_: Receipt.Type = Receipt.self) throws(CanoError) -> Receipt {
        if case .value(let value) = content, let receipt = value as? Receipt { return receipt }
        return try decoded()
    }

    @usableFromInline func decoded<Receipt: Codable & Sendable>() throws(CanoError) -> Receipt {
        switch content {
        case .stored(let bytes):
            return try Payload.decode(Receipt.self, from: bytes)
        case .value(let value):
            throw CanoError(.taskExecution, "the receipt is a \(type(of: value)), not a \(Receipt.self)", isRetryable: false)
        }
    }

    /// The receipt as a log keeps it.
    ///
    /// - Throws: ``CanoError/Category/taskExecution`` when it cannot be encoded.
    func encoded() throws(CanoError) -> [UInt8] {
        switch content {
        case .value(let value): try Payload.encode(value)
        case .stored(let bytes): bytes
        }
    }
}
