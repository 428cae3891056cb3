import CanoCore

extension StoreKey<UInt64> {
    fileprivate static let hot = Self("hot_key")
    fileprivate static let counter = Self("counter")
}

extension StoreKey<[UInt64]> {
    fileprivate static let list = Self("list")
}

extension ResourceKey<MemoryStore> {
    fileprivate static let store = Self("store")
}

/// Counts in a store that is a resource of the workflow.
private struct Counting: WorkflowTask {
    let target: Link

    func run(_ context: TaskContext<Link>) async throws -> Link {
        let store = try context[.store]
        let count = try await store.get(.counter) ?? 0
        try await store.put(count + 1, for: .counter)
        return target
    }
}

/// The store in memory, alone and in a chain; the lookup of resources.
enum Stores {
    static var workloads: [Workload] {
        let store = MemoryStore()
        store[.hot] = 0
        let resources = Resources().inserting(MemoryStore(), for: .store)
        let counting = Chains.linear(100, resources: resources) { Counting(target: $0) }
        return [
            .each("linear100_store_get_put", "transition", original: 285.4, units: 100) {
                try await counting.run()
            },
            Workload("store_put_u64", "op", original: 53.6) { try await put(store, .hot, $0) },
            Workload("store_put_u64, subscript", "op", original: 53.6) { for value in 0..<$0 { store[.hot] = UInt64(value) } },
            Workload("store_get_u64", "op", original: 20.1) { try await get(store, .hot, $0) },
            Workload("store_get_u64, subscript", "op", original: 20.1) { for _ in 0..<$0 { _ = store[.hot] } },
            .each("store_append_u64 (1,000 to a fresh list)", "op", original: 52.3, units: 1_000) {
                try await store.remove(.list)
                for value in 0..<1_000 { try await store.append(UInt64(value), to: .list) }
            },
            Workload("store_put_u64_2thr_same_key", "op", original: 59.5, units: 2) { iterations in
                async let other: Void = put(store, .hot, iterations)
                try await put(store, .hot, iterations)
                try await other
            },
            Workload("store_get_u64_2thr_same_key", "op", original: 21.1, units: 2) { iterations in
                async let other: Void = get(store, .hot, iterations)
                try await get(store, .hot, iterations)
                try await other
            },
            Workload("store_put_get_u64_2thr_own_keys", "op", original: 37.6, units: 4) { iterations in
                async let other: Void = putAndGet(store, "other", iterations)
                try await putAndGet(store, "own", iterations)
                try await other
            },
            Workload("resources_get", "op", original: 17.4) { for _ in 0..<$0 { _ = try resources[.store] } },
        ]
    }

    @concurrent private static func put(_ store: MemoryStore, _ key: StoreKey<UInt64>, _ iterations: Int) async throws {
        for value in 0..<iterations { try await store.put(UInt64(value), for: key) }
    }

    @concurrent private static func get(_ store: MemoryStore, _ key: StoreKey<UInt64>, _ iterations: Int) async throws {
        for _ in 0..<iterations { _ = try await store.get(key) }
    }

    @concurrent private static func putAndGet(_ store: MemoryStore, _ key: StoreKey<UInt64>, _ iterations: Int) async throws {
        for value in 0..<iterations {
            try await store.put(UInt64(value), for: key)
            _ = try await store.get(key)
        }
    }
}
