import CanoCore

/// The run's own store: held in memory by its owner, and written with each step's row.
struct SessionStore: RunStore {
    let session: RunSession

    func apply(_ writes: [StagedWrite]) throws { try session.withLedger { try $0.apply(writes) } }

    func get<Value: Codable & Sendable>(_ key: StoreKey<Value>) async throws -> Value? {
        try session.withLedger { try $0.value(of: key) }
    }

    func put<Value: Codable & Sendable>(_ value: Value, for key: StoreKey<Value>) async throws {
        try apply([StagedWrite(key: key.name, operation: .put(value))])
    }

    func remove<Value: Codable & Sendable>(_ key: StoreKey<Value>) async throws {
        try apply([StagedWrite(key: key.name, operation: .remove)])
    }

    func increment(_ key: StoreKey<Int>, by amount: Int) async throws -> Int {
        try session.withLedger { ledger in
            try ledger.apply([StagedWrite(key: key.name, operation: .increment(amount))])
            return try ledger.value(of: key) ?? 0
        }
    }

    func putIfAbsent<Value: Codable & Sendable>(_ value: Value, for key: StoreKey<Value>) async throws -> Bool {
        try session.withLedger { ledger in
            let isAbsent = try ledger.value(of: key) == nil
            if isAbsent { try ledger.apply([StagedWrite(key: key.name, operation: .put(value))]) }
            return isAbsent
        }
    }

    func append<Element: Codable & Sendable>(_ element: Element, to key: StoreKey<[Element]>) async throws {
        try apply([StagedWrite(key: key.name, operation: .append(element))])
    }

    func keys() async throws -> [String] { session.withLedger { $0.writes.store.keys } }
}

/// The stores that runs share, as a step sees them: what is in Redis. What it writes there goes with its row.
struct SessionSharedStores: SharedStores {
    let session: RunSession
    let stores: any SharedStores
    let clock: any EngineClock

    func store(named name: String) throws -> any Store {
        RetryingStore(store: try stores.store(named: name), control: session.control, clock: clock)
    }

    func apply(_ writes: [StagedWrite]) async throws { try session.withLedger { try $0.apply(writes) } }
}
