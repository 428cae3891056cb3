/// What undoing a finished step takes, as it came from the task or from the log. For the engine.
public struct StepReceipt: Sendable {
    @usableFromInline enum Content: Sendable {
        case value(any Codable & Sendable)
        case stored([UInt8])
        /// What a worker was asked for of whose work it is not known whether it was done.
        case request([UInt8])
    }

    @usableFromInline let content: Content

    @inlinable init(_ receipt: some Codable & Sendable) { content = .value(receipt) }

    init(stored bytes: [UInt8]) { content = .stored(bytes) }

    init(asked request: [UInt8]) { content = .request(request) }

    /// What a worker was asked for, where that is all that is known.
    var request: [UInt8]? { if case .request(let bytes) = content { bytes } else { nil } }

    /// The receipt as the task knows it.
    @inlinable func value<Receipt: Codable & Sendable>(_: Receipt.Type = Receipt.self) throws(CanoError) -> Receipt {
        if case .value(let value) = content, let receipt = Self.value(value, as: Receipt.self) ?? (value as? Receipt) { return receipt }
        return try decoded()
    }

    /// A value whose very type this is. Comparing types takes less than a cast, which asks the runtime.
    @inlinable static func value<Kept, Receipt>(_ value: Kept, as _: Receipt.Type) -> Receipt? {
        Kept.self == Receipt.self ? unsafeBitCast(value, to: Receipt.self) : nil
    }

    @usableFromInline func decoded<Receipt: Codable & Sendable>() throws(CanoError) -> Receipt {
        switch content {
        case .stored(let bytes):
            return try Payload.decode(Receipt.self, from: bytes)
        case .value(let value):
            throw CanoError(.taskExecution, "the receipt is a \(type(of: value)), not a \(Receipt.self)", isRetryable: false)
        case .request:
            throw Self.unknownOutcome
        }
    }

    /// The receipt as a log keeps it.
    ///
    /// - Throws: ``CanoError/Category/taskExecution`` when it cannot be encoded.
    func encoded() throws(CanoError) -> [UInt8] {
        switch content {
        case .value(let value): try Payload.encode(value)
        case .stored(let bytes): bytes
        case .request: throw Self.unknownOutcome
        }
    }

    private static var unknownOutcome: CanoError {
        CanoError(
            .taskExecution, "whether a worker has done the work is not known, and how to undo it then the step does not say",
            isRetryable: false)
    }
}
