/// A value in a store, with its type forgotten.
@usableFromInline protocol StoredValue: AnyObject {
    /// The value.
    var erased: any Sendable { get }

    /// No less than the bytes it has as JSON, where a ``StoreMeter`` counts them; 0 where it has yet to.
    var byteCount: Int { get set }
}

/// A value in a store. A read of its very type finds it by comparing two pointers; casting an existential would ask
/// the runtime each time.
@usableFromInline final class Stored<Value: Sendable>: StoredValue {
    @usableFromInline var value: Value
    @usableFromInline var byteCount = 0

    @inlinable init(_ value: Value) { self.value = value }

    @usableFromInline var erased: any Sendable { value }
}

extension Stored {
    /// What is there, as this type; `nil` when nothing is.
    ///
    /// - Throws: ``CanoError/Category/store`` when it has another type.
    @inlinable static func value(in found: (any StoredValue)?, named name: String) throws(CanoError) -> Value? {
        guard let found else { return nil }
        if let stored = found as? Stored<Value> { return stored.value }
        // Put as another type that it also is, such as an optional.
        guard let value = found.erased as? Value else { throw CanoError.mismatch(name, holds: found.erased, wanted: Value.self) }
        return value
    }
}
