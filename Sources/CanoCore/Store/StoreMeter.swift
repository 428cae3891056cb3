import CanoPrimitives

/// Holds a store in memory to what it would be held to in Redis, so that tests in memory find it.
///
/// What is written is added up. Only when the sum exceeds the limit is it worth counting what is really there.
struct StoreMeter: Sendable {
    /// What is held to its limit.
    enum Bound: Sendable {
        /// All that a run's own store holds.
        case whole
        /// Each value of a store that runs share.
        case eachValue
    }

    let bound: Bound
    /// No less than what the store holds.
    private var written = 0

    init(_ bound: Bound) { self.bound = bound }

    /// Adds up writes that were made.
    ///
    /// - Parameters:
    ///   - writes: The writes.
    ///   - values: What the store holds after them.
    /// - Throws: ``CanoError/Category/store`` when that is too much: then they are to be taken back.
    mutating func count(_ writes: [StagedWrite], in values: StoredValues) throws(CanoError) {
        for write in writes {
            guard let stored = values[write.key] else { continue }
            let bytes = try write.operation.byteCount(of: write.key)
            switch bound {
            case .whole: written += write.key.utf8.count + bytes
            case .eachValue:
                // A list that took another's place, or was changed by code that cannot wait, was not counted yet.
                let isCounted = !write.isAppend || stored.byteCount > 0
                stored.byteCount = write.isAppend ? stored.byteCount + bytes : max(stored.byteCount, bytes)
                if isCounted, stored.byteCount <= StoreLimit.sharedValueBytes { continue }
                stored.byteCount = try JSONSize.bytes(of: stored, write.key)
                if stored.byteCount > StoreLimit.sharedValueBytes {
                    throw StoreLimit.valueIsTooLarge("\"\(write.key)\"", stored.byteCount)
                }
            }
        }
        guard case .whole = bound, written > StoreLimit.runBytes else { return }
        written = 0
        for (key, stored) in values.all { written += key.utf8.count + (try JSONSize.bytes(of: stored, key)) }
        if written > StoreLimit.runBytes { throw StoreLimit.runStoreIsFull(written) }
    }
}

extension StagedWrite {
    fileprivate var isAppend: Bool { if case .append = operation { true } else { false } }
}

extension StagedWrite.Operation {
    /// How much longer a value gets by it, at most.
    fileprivate func byteCount(of key: String) throws(CanoError) -> Int {
        switch self {
        case .put(let value), .putIfAbsent(let value): try JSONSize.bytes(of: value, key)
        // A comma, or the brackets of a new list.
        case .append(let element): try JSONSize.bytes(of: element, key) + 2
        case .increment: 20
        case .remove: 0
        }
    }
}

extension JSONSize {
    fileprivate static func bytes(of stored: any StoredValue, _ key: String) throws(CanoError) -> Int {
        // Whatever came by a write can be encoded.
        guard let value = stored.erased as? any Encodable else { return 0 }
        return try bytes(of: value, key)
    }

    fileprivate static func bytes(of value: some Encodable, _ key: String) throws(CanoError) -> Int {
        do {
            return try bytes(of: value)
        } catch {
            throw CanoError(
                .store, "the value of \"\(key)\", a \(type(of: value)), does not encode as JSON: \(error)", isRetryable: false,
                underlying: error)
        }
    }
}
