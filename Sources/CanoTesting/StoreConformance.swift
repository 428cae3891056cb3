public import CanoCore

/// What every `Store` must do, as checks to run against one.
///
/// Every check uses names of its own, so one store may serve them all, also at the same time. A store that belongs to a run
/// is checked through `MemoryStore`'s rules too: values come back as the type they were put as.
public struct StoreConformance: Sendable, CustomStringConvertible {
    /// What is checked, as a sentence.
    public let description: String
    private let check: @Sendable (any Store, String) async throws -> Void

    private init(_ description: String, _ check: @escaping @Sendable (any Store, String) async throws -> Void) {
        self.description = description
        self.check = check
    }

    /// Runs the check.
    ///
    /// - Throws: ``UnmetExpectation``, or what the store threw.
    public func callAsFunction(_ store: any Store) async throws { try await check(store, "conformance-\(RunID.random())") }

    /// A value with more to it than a number.
    private struct Order: Codable, Sendable, Equatable {
        var id: Int
        var note: String?
        var lines: [String: Double]
    }

    /// Every check.
    public static let all: [StoreConformance] = [
        StoreConformance("a name that was never written has no value, and removing it is fine") { store, name in
            try await store.remove(StoreKey<Int>(name))
            try expect(try await store.get(StoreKey<Int>(name)), nil)
        },
        StoreConformance("values come back as they were put, and the last put counts") { store, name in
            let key = StoreKey<Order>(name)
            let order = Order(id: .max, note: "zwölf \"Stück\"\n\u{0}", lines: ["a": 0.1, "b": -2.5e300])
            try await store.put(Order(id: 1, note: nil, lines: [:]), for: key)
            try await store.put(order, for: key)
            try expect(try await store.get(key), order)
            try await store.remove(key)
            try expect(try await store.get(key), nil)
        },
        StoreConformance("texts, truth values, numbers and lists are values of their own") { store, name in
            try await roundTrip("", store, name)
            try await roundTrip(true, store, name)
            try await roundTrip(Int.min, store, name)
            try await roundTrip(1.5, store, name)
            try await roundTrip([[1], []], store, name)
        },
        StoreConformance("a value of another type is an error") { store, name in
            try await store.put("text", for: StoreKey<String>(name))
            do {
                _ = try await store.get(StoreKey<[Int]>(name))
            } catch {
                return try await store.remove(StoreKey<String>(name))
            }
            throw UnmetExpectation("a text was read as a list")
        },
        StoreConformance("increments start at 0, answer the sum and go both ways") { store, name in
            let key = StoreKey<Int>(name)
            try expect(try await store.increment(key, by: 5), 5)
            try expect(try await store.increment(key, by: -7), -2)
            try expect(try await store.get(key), -2)
            try await store.remove(key)
        },
        StoreConformance("a value is set only where there is none") { store, name in
            let key = StoreKey<String>(name)
            try expect(try await store.putIfAbsent("first", for: key), true)
            try expect(try await store.putIfAbsent("second", for: key), false)
            try expect(try await store.get(key), "first")
            try await store.remove(key)
        },
        StoreConformance("lists start empty and grow at the end") { store, name in
            let key = StoreKey<[String]>(name)
            for element in ["a", "b", "c"] { try await store.append(element, to: key) }
            try expect(try await store.get(key), ["a", "b", "c"])
            try await store.remove(key)
        },
        StoreConformance("the names are those that have a value") { store, name in
            try await store.put(1, for: StoreKey<Int>(name + "-kept"))
            try await store.put(1, for: StoreKey<Int>(name + "-removed"))
            try await store.remove(StoreKey<Int>(name + "-removed"))
            try expect(try await store.keys().filter { $0.hasPrefix(name) }, [name + "-kept"])
            try await store.remove(StoreKey<Int>(name + "-kept"))
        },
    ]

    /// Checks that nothing is lost when many tasks write one name at once: for a store that several runs share. A run's own
    /// store, seen by one attempt, gives previews and need not pass.
    public static let concurrent = StoreConformance("increments and appends from many tasks are all there") { store, name in
        let sum = StoreKey<Int>(name + "-sum")
        let list = StoreKey<[Int]>(name + "-list")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<50 {
                group.addTask {
                    _ = try await store.increment(sum, by: number)
                    try await store.append(number, to: list)
                }
            }
            try await group.waitForAll()
        }
        try expect(try await store.get(sum), 1225)
        try expect(try await store.get(list)?.sorted(), Array(0..<50))
        try await store.remove(sum)
        try await store.remove(list)
    }

    /// Checks that a value has a limit: for a store that several runs share.
    public static let bounded = StoreConformance("a value beyond the limit is refused, however it comes about, and nothing changes") {
        store, name in
        let (text, absent) = (StoreKey<String>(name + "-text"), StoreKey<String>(name + "-absent"))
        // With its quotes it is as long as a value may be.
        let longest = String(repeating: "x", count: StoreLimit.sharedValueBytes - 2)
        try await store.put(longest, for: text)
        try await expectRefusal { try await store.put(longest + "x", for: text) }
        try expect(try await store.get(text) == longest, true)
        try await expectRefusal { _ = try await store.putIfAbsent(longest + "x", for: absent) }
        try expect(try await store.get(absent), nil)

        let (list, half) = (StoreKey<[String]>(name + "-list"), String(repeating: "y", count: StoreLimit.sharedValueBytes / 2 - 10))
        for _ in 1...2 { try await store.append(half, to: list) }
        try await expectRefusal { try await store.append(half, to: list) }
        try expect(try await store.get(list)?.count, 2)
        for name in [text.name, list.name] { try await store.remove(StoreKey<String>(name)) }
    }

    private static func expectRefusal(_ write: () async throws -> Void) async throws {
        do {
            try await write()
        } catch let error as CanoError where error.category == .store && !error.isRetryable {
            return
        }
        throw UnmetExpectation("a value beyond the limit was taken")
    }

    private static func roundTrip<Value: Codable & Sendable & Equatable>(_ value: Value, _ store: any Store, _ name: String) async throws {
        let key = StoreKey<Value>(name)
        try await store.put(value, for: key)
        try expect(try await store.get(key), value)
        try await store.remove(key)
    }

    private static func expect<Value: Equatable>(_ found: Value, _ wanted: Value) throws(UnmetExpectation) {
        if found != wanted { throw UnmetExpectation("found \(found) instead of \(wanted)") }
    }
}
