import CanoCore
import Testing

/// What reading and writing costs in large stores. Where a cost grew with what a store holds, or with what an attempt has written, these
/// would take longer than they may.
@Suite(.timeLimit(.minutes(5))) struct StoreCostTests {
    let store = MemoryStore()

    @Test("what a step costs does not depend on what else its stores hold", arguments: [false, true])
    func largeStores(isShared: Bool) async throws {
        let stores = MemoryStores()
        let store = isShared ? try stores.memory(named: "large") : store
        for number in 0..<200_000 { store[StoreKey<Int>("value-\(number)")] = number }
        let name = isShared ? "large" : nil
        let writes = ["a", "b"].map { StagedWrite(store: name, key: $0, operation: .increment(1)) }
        for _ in 0..<3_000 {
            if isShared { try await stores.apply(writes) } else { try store.apply(writes) }
        }
        #expect(store[StoreKey<Int>("b")] == 3_000)
    }

    @Test("what a read costs does not depend on how much else the attempt has written")
    func manyNames() async throws {
        let workflow = Workflow<Step>.single { context in
            for _ in 0..<5 {
                for word in 0..<6_000 { _ = try await context.store.increment(StoreKey<Int>("word-\(word)"), by: 1) }
            }
            return .done
        }
        _ = try await workflow.drive(Run(id: "r", start: .fresh(.first), store: store), in: WorkflowRuntime())
        #expect(store[StoreKey<Int>("word-5999")] == 5)
    }
}
