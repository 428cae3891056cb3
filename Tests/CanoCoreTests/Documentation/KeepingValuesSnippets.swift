import CanoCore
import Testing

// snippet.keys
extension StoreKey<Int> { static var attemptsMade: Self { "attempts-made" } }
extension StoreKey<[String]> { static var receipts: Self { "receipts" } }
// snippet.end
extension StoreKey<String> { fileprivate static var firstRow: Self { "first-row" } }
extension StoreKey<Int> { fileprivate static var sold: Self { "sold" } }

@Suite(.timeLimit(.minutes(5))) struct KeepingValuesSnippets {
    enum Stage: String, WorkflowState, CaseIterable {
        typealias Output = Stage
        case reserve, charge, soldOut, done
    }

    struct Unlucky: Error {}

    // snippet.task
    struct Charge: WorkflowTask {
        var config: TaskConfig { TaskConfig(retry: .fixed(retries: 1, delay: .zero)) }

        func run(_ context: TaskContext<Stage>) async throws -> Stage {
            _ = try await context.store.increment(.attemptsMade, by: 1)
            try await context.store.append("receipt \(context.attempt)", to: .receipts)
            if context.attempt == 1 { throw Unlucky() }
            return .done
        }
    }
    // snippet.end

    @Test("what a failed attempt wrote is gone")
    func staging() async throws {
        let orders = Workflow<Stage>("orders", startingAt: .charge) { $0 == .charge ? .task(Charge()) : .exit }
        // snippet.own
        let values = MemoryStore()
        let end = try await orders.run(store: values)
        let receipts = try await values.require(.receipts)
        // snippet.end
        #expect(end == .done)
        #expect(receipts == ["receipt 2"])
        #expect(values[.attemptsMade] == 1)
    }

    // snippet.shared
    struct Reserve: WorkflowTask {
        func run(_ context: TaskContext<Stage>) async throws -> Stage {
            let seats = try context.store(named: "seats")
            guard try await seats.putIfAbsent("\(context.runID)", for: .firstRow) else { return .soldOut }
            _ = try await seats.increment(.sold, by: 1)
            return .charge
        }
    }
    // snippet.end

    @Test("of two runs one gets the seat")
    func sharing() async throws {
        // snippet.stores
        let stores = MemoryStores()
        let runtime = WorkflowRuntime(stores: stores)
        // snippet.end
        let workflow = Workflow<Stage>("orders", startingAt: .reserve) { $0 == .reserve ? .task(Reserve()) : .exit }
        async let first = workflow.run(in: runtime)
        async let second = workflow.run(in: runtime)
        #expect(Set([try await first, try await second]) == [.charge, .soldOut])
        #expect(try stores.memory(named: "seats")[.sold] == 1)
    }

    @Test("a value is changed in one go")
    func update() throws {
        // snippet.update
        let values = MemoryStore()
        let total = try values.update(.attemptsMade, default: 0) { count in
            count += 2
            return count
        }
        // snippet.end
        #expect(total == 2)
    }
}
