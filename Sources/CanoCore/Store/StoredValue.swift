import CanoPrimitives

/// A value in a store, with its type forgotten.
@usableFromInline protocol StoredValue: AnyObject {
    /// The value.
    var erased: any Sendable { get }

    /// No less than the bytes it has as JSON, where a ``StoreMeter`` counts them; 0 where it has yet to.
    var byteCount: Int { get set }
}

/// A value in a store. A read of its very type finds it by comparing two pointers; casting an existential would ask
/// the runtime each time.
///
/// The lock of its store lets one access at a time to it, so the runtime need not check that there is no other.
@usableFromInline final class Stored<Value: Sendable>: StoredValue {
    @exclusivity(unchecked) @usableFromInline var value: Value
    @exclusivity(unchecked) @usableFromInline var byteCount = 0

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
        return try other(found, named: name)
    }

    /// What a store holds under that name, as this type; `nil` when there is nothing.
    ///
    /// What is there is asked for again where it is no value of this very type: kept for that, each read would count a reference to it.
    ///
    /// - Throws: ``CanoError/Category/store`` when it has another type.
    @inlinable static func value(of name: String, in all: StoredValues) throws(CanoError) -> Value? {
        if let stored = all[name] as? Stored<Value> { return stored.value }
        return try other(of: name, in: all)
    }

    @usableFromInline static func other(of name: String, in all: StoredValues) throws(CanoError) -> Value? {
        try value(in: all[name], named: name)
    }

    /// A value that was put as another type that it also is, such as an optional, or came out of a row.
    @usableFromInline static func other(_ found: any StoredValue, named name: String) throws(CanoError) -> Value {
        if let value = found.erased as? Value { return value }
        guard let json = found.erased as? JSONText, let type = Value.self as? any Decodable.Type else {
            throw CanoError.mismatch(name, holds: found.erased, wanted: Value.self)
        }
        do {
            if let value = try json.value(as: type) as? Value { return value }
        } catch {
            throw CanoError(.store, "\"\(name)\" does not hold a \(Value.self): \(error)", isRetryable: false, underlying: error)
        }
        throw CanoError.mismatch(name, holds: found.erased, wanted: Value.self)
    }
}

/// What an element can be added to that came out of a row.
private protocol ListHolder {
    /// - Returns: `nil` when it is no list.
    func appending(_ element: JSONText) throws -> (any StoredValue)?
}

extension Stored: ListHolder {
    func appending(_ element: JSONText) throws -> (any StoredValue)? {
        if let list = (value as? JSONText)?.appending(element) { return Stored<JSONText>(list) }
        return (try (value as? any ReadableList)?.appending(element) as? Value).map { Stored($0) }
    }
}

private protocol ReadableList {
    func appending(_ element: JSONText) throws -> Self
}

extension Array: ReadableList where Element: Decodable {
    fileprivate func appending(_ element: JSONText) throws -> Self { self + [try element.value(as: Element.self)] }
}

extension JSONText {
    /// The list of that name with this one as its last element.
    ///
    /// - Throws: ``CanoError/Category/store`` when there is something else, or a list of other elements.
    func added(to found: (any StoredValue)?, named name: String) throws(CanoError) -> any StoredValue {
        let holder = found ?? Stored(JSONText("[]"))
        let value = holder.erased
        do {
            if let list = try (holder as? any ListHolder)?.appending(self) { return list }
        } catch {
            throw CanoError(
                .store, "\"\(name)\" holds a \(type(of: value)), and what is to be added is no element of it: \(error)", isRetryable: false,
                underlying: error)
        }
        throw CanoError.mismatch(name, holds: value, wanted: [JSONText].self)
    }
}
