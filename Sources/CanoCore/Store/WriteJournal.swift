/// What a store held before writes that may yet be refused, so that it can be put back: nothing else of the store is looked at or copied.
struct WriteJournal {
    private enum Change {
        case replaced(key: String, (any StoredValue)?)
        /// Keeping the list as it was would cost a copy of it.
        case appended(removeLast: () -> Void)
    }

    private var changes: [Change] = []

    /// Makes a write and remembers what was there. It changes nothing when it doesn't fit.
    mutating func apply(_ write: StagedWrite, to values: inout StoredValues) throws(CanoError) {
        if case .append(let element) = write.operation, append(element, to: values[write.key]) { return }
        let before = values[write.key]
        try write.operation.apply(to: &values[write.key], key: write.key)
        changes.append(.replaced(key: write.key, before))
    }

    /// Undoes the writes, the last one first.
    mutating func putBack(_ values: inout StoredValues) {
        while let change = changes.popLast() {
            switch change {
            case .replaced(let key, let before): values[key] = before
            case .appended(let removeLast): removeLast()
            }
        }
    }

    /// - Returns: False when there is no list of such elements.
    private mutating func append<Element: Codable & Sendable>(_ element: Element, to found: (any StoredValue)?) -> Bool {
        guard let list = found as? Stored<[Element]> else { return false }
        list.value.append(element)
        changes.append(.appended { list.value.removeLast() })
        return true
    }
}
