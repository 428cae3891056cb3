import Synchronization

/// Shared stores in memory: for tests, and for runs of one process.
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
            let store = stores[name] ?? MemoryStore()
            stores[name] = store
            return store
        }
    }

    /// Applies the writes in order, all of them or none.
    ///
    /// - Throws: ``StepConflict`` when another run has set what a `putIfAbsent` was to set, ``CanoError/Category/store`` when a
    ///   write doesn't fit the value that is there.
    public func apply(_ writes: [StagedWrite]) async throws {
        // Always in this order, or two steps could wait for each other.
        let names = Set(writes.compactMap(\.store)).sorted()
        let stores = try names.map { (name: $0, store: try memory(named: $0)) }
        var contents: [String: [String: any StoredValue]] = [:]
        try Self.holding(stores[...], &contents) { contents in
            var step = SharedStep(contents)
            for write in writes { try step.apply(write) }
            contents = step.contents
        }
    }

    /// Changes the contents of several stores in one step.
    private static func holding(
        _ stores: ArraySlice<(name: String, store: MemoryStore)>, _ contents: inout [String: [String: any StoredValue]],
        _ change: (inout [String: [String: any StoredValue]]) throws -> Void
    ) throws {
        guard let (name, store) = stores.first else { return try change(&contents) }
        try store.withValues { values in
            contents[name] = values
            try holding(stores.dropFirst(), &contents, change)
            values = contents[name] ?? [:]
        }
    }
}

/// What several stores hold while a step is applied to them.
private struct SharedStep {
    private struct Place: Hashable {
        let store: String
        let key: String
    }

    private(set) var contents: [String: [String: any StoredValue]]
    /// Where the value, or that there is none, is this step's own doing.
    private var own: Set<Place> = []

    init(_ contents: [String: [String: any StoredValue]]) { self.contents = contents }

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
        try write.operation.apply(to: &contents[store, default: [:]][write.key], key: write.key)
    }
}
