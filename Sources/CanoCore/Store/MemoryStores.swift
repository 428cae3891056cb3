import Synchronization

/// Shared stores in memory: for tests, and for runs of one process. A value is held to ``StoreLimit/sharedValueBytes``, as in Redis.
public final class MemoryStores: SharedStores {
    private let stores = Mutex<[String: MemoryStore]>([:])

    /// Creates stores that are all empty.
    public init() {}

    /// The store with that name, always the same one.
    ///
    /// - Throws: ``CanoError/Category/configuration`` when the name is not 1 to 100 characters of `A-Za-z0-9._-`.
    public func store(named name: String) throws(CanoError) -> any Store { try memory(named: name) }

    /// The store with that name, for code that cannot wait.
    ///
    /// - Throws: ``CanoError/Category/configuration`` when the name is not 1 to 100 characters of `A-Za-z0-9._-`.
    public func memory(named name: String) throws(CanoError) -> MemoryStore {
        try StoreName.check(name)
        return stores.withLock { stores in
            let store = stores[name] ?? MemoryStore(boundedBy: .eachValue)
            stores[name] = store
            return store
        }
    }

    /// Applies the writes in order, all of them or none.
    ///
    /// - Throws: ``StepConflict`` when another run has set what a `putIfAbsent` was to set, ``CanoError/Category/store`` when a
    ///   write doesn't fit the value that is there, or makes it longer than ``StoreLimit/sharedValueBytes``.
    public func apply(_ writes: [StagedWrite]) async throws {
        // Always in this order, or two steps could wait for each other.
        let names = Set(writes.compactMap(\.store)).sorted()
        let stores = try names.map { (name: $0, store: try memory(named: $0)) }
        var step = SharedStep()
        try Self.holding(stores[...], &step) { step in
            do {
                for write in writes { try step.apply(write) }
                for (name, store) in stores {
                    try store.count(writes.filter { $0.store == name }, in: step.contents[name] ?? StoredValues())
                }
            } catch {
                step.putBack()
                throw error
            }
        }
    }

    /// Changes the contents of several stores in one step.
    private static func holding(
        _ stores: ArraySlice<(name: String, store: MemoryStore)>, _ step: inout SharedStep, _ change: (inout SharedStep) throws -> Void
    ) throws {
        guard let (name, store) = stores.first else { return try change(&step) }
        try store.withValues { values in
            // Swapped, for the first write to a copy would copy all that is there.
            swap(&values, &step.contents[name, default: StoredValues()])
            defer { swap(&values, &step.contents[name, default: StoredValues()]) }
            try holding(stores.dropFirst(), &step, change)
        }
    }
}

/// What several stores hold while a step is applied to them.
private struct SharedStep {
    private struct Place: Hashable {
        let store: String
        let key: String
    }

    var contents: [String: StoredValues] = [:]
    private var journals: [String: WriteJournal] = [:]
    /// Where the value, or that there is none, is this step's own doing.
    private var own: Set<Place> = []

    /// Undoes what was applied.
    mutating func putBack() {
        for name in journals.keys { journals[name]?.putBack(&contents[name, default: StoredValues()]) }
    }

    mutating func apply(_ write: StagedWrite) throws {
        guard let store = write.store else { return }
        let place = Place(store: store, key: write.key)
        let isAbsent = contents[store]?[write.key] == nil
        switch write.operation {
        case .putIfAbsent:
            guard isAbsent || own.contains(place) else {
                throw StepConflict("\"\(write.key)\" of store \"\(store)\" was set by another run")
            }
            own.insert(place)
        case .put, .remove:
            own.insert(place)
        case .increment, .append:
            if isAbsent { own.insert(place) }
        }
        try journals[store, default: WriteJournal()].apply(write, to: &contents[store, default: StoredValues()])
    }
}
