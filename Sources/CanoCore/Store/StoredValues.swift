/// The values of a store, by their names.
///
/// Where there are few, as in most stores, names are compared one after the other: that takes less than to hash one.
@usableFromInline struct StoredValues {
    /// How many are few.
    @inlinable static var few: Int { 4 }

    /// In no order.
    @usableFromInline private(set) var names: [String] = []
    /// In the order of the names. None is missing, but for the one that is being changed.
    @usableFromInline private(set) var values: [(any StoredValue)?] = []
    /// Where each is; empty while there are few.
    @usableFromInline private(set) var indices: [String: Int] = [:]

    @inlinable init() {}

    var count: Int { names.count }
    var isEmpty: Bool { names.isEmpty }

    /// The value of that name; setting `nil` removes it.
    @usableFromInline subscript(name: String) -> (any StoredValue)? {
        @inlinable get {
            guard let index = index(of: name) else { return nil }
            return values[index]
        }
        _modify {
            // Taken out, so that what changes it holds the only reference, and need not copy a list to add to it.
            let index = index(of: name)
            var value: (any StoredValue)?
            if let index { swap(&value, &values[index]) }
            defer {
                if let index, value != nil {
                    values[index] = value
                } else if let index {
                    remove(at: index)
                } else if let value {
                    add(value, named: name)
                }
            }
            yield &value
        }
    }

    @inlinable func index(of name: String) -> Int? {
        guard indices.isEmpty else { return indices[name] }
        for index in names.indices where names[index] == name { return index }
        return nil
    }

    /// The values with their names, in no order.
    var all: some Sequence<(name: String, value: any StoredValue)> {
        zip(names, values).lazy.compactMap { name, value in value.map { (name: name, value: $0) } }
    }

    /// Removes the value of that name; one that isn't there is fine.
    @usableFromInline mutating func remove(_ name: String) { if let index = index(of: name) { remove(at: index) } }

    mutating func removeAll() { self = StoredValues() }

    private mutating func add(_ value: any StoredValue, named name: String) {
        names.append(name)
        values.append(value)
        if !indices.isEmpty {
            indices[name] = names.count - 1
        } else if names.count > Self.few {
            indices = Dictionary(uniqueKeysWithValues: zip(names, names.indices))
        }
    }

    /// The last one takes its place.
    private mutating func remove(at index: Int) {
        let last = names.count - 1
        if !indices.isEmpty {
            indices[names[last]] = index
            indices[names[index]] = nil
        }
        names.swapAt(index, last)
        values.swapAt(index, last)
        names.removeLast()
        values.removeLast()
    }
}
