import CanoCore
import CanoRedisStores

/// A store that runs share, as the step of a run sees it: while Redis is away reading waits, as writing down a step does, and fails
/// nothing.
///
/// Only reading is repeated. What a step writes is kept aside and goes with its row.
struct RetryingStore: Store {
    let store: any Store
    let control: RunControl
    let clock: any EngineClock

    func get<Value: Codable & Sendable>(_ key: StoreKey<Value>) async throws -> Value? {
        try await retrying { try await store.get(key) }
    }

    func keys() async throws -> [String] {
        try await retrying { try await store.keys() }
    }

    func put<Value: Codable & Sendable>(_ value: Value, for key: StoreKey<Value>) async throws {
        try await store.put(value, for: key)
    }

    func remove<Value: Codable & Sendable>(_ key: StoreKey<Value>) async throws {
        try await store.remove(key)
    }

    func increment(_ key: StoreKey<Int>, by amount: Int) async throws -> Int {
        try await store.increment(key, by: amount)
    }

    func putIfAbsent<Value: Codable & Sendable>(_ value: Value, for key: StoreKey<Value>) async throws -> Bool {
        try await store.putIfAbsent(value, for: key)
    }

    func append<Element: Codable & Sendable>(_ element: Element, to key: StoreKey<[Element]>) async throws {
        try await store.append(element, to: key)
    }

    /// Repeats what fails because Redis is away, until it is back, the attempt is cancelled, or the run is to go on elsewhere.
    private func retrying<Value>(_ read: () async throws -> Value) async throws -> Value {
        try await Outage.waitOut(clock, while: { control.handoffReason == nil }, read)
    }
}
