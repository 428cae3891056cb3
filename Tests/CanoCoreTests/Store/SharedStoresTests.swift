import CanoCore
import CanoPrimitives
import CanoTesting
import Testing

extension StoreKey<Int> { fileprivate static var stock: Self { "stock" } }
extension StoreKey<String> { fileprivate static var owner: Self { "owner" } }
extension StoreKey<[String]> { fileprivate static var orders: Self { "orders" } }

/// Stores that runs share by name, seen from the runs.
@Suite(.timeLimit(.minutes(5))) struct SharedStoresTests {
    let stores = MemoryStores()
    let store: MemoryStore
    let runtime: WorkflowRuntime

    init() throws {
        store = try stores.memory(named: "warehouse")
        runtime = WorkflowRuntime(stores: stores)
    }

    @Test("a shared store in memory is a store like any other", arguments: StoreConformance.all + [.concurrent, .bounded])
    func conformance(_ check: StoreConformance) async throws { try await check(stores.store(named: "warehouse")) }

    @Test("a shared store is a store like any other while an attempt writes to it", arguments: StoreConformance.all)
    func conformanceInRun(_ check: StoreConformance) async throws {
        let workflow = Workflow<Step>.single { context in
            try await check(context.store(named: "warehouse"))
            return .done
        }
        #expect(try await workflow.orchestrate(from: .first, in: runtime) == .done)
    }

    @Test("a step that would make a value too long fails, and nothing of it is kept")
    func tooLong() async throws {
        let half = String(repeating: "x", count: StoreLimit.sharedValueBytes / 2)
        let workflow = Workflow<Step>.single { context in
            let warehouse = try context.store(named: "warehouse")
            try await warehouse.put(1, for: .stock)
            for _ in 1...2 { try await warehouse.append(half, to: .orders) }
            return .done
        }
        let error = await #expect(throws: CanoError.self) { try await workflow.orchestrate(from: .first, in: runtime) }
        #expect(error?.category == .store)
        #expect(error?.message.contains("1048576 are the most for one value") == true)
        #expect(store.isEmpty)
    }

    @Test("code that cannot wait may make a value too long, and the next append to it finds that", arguments: [true, false])
    func tooLongByHand(byUpdate: Bool) async throws {
        let shared = try stores.store(named: "warehouse")
        try await shared.append("a", to: .orders)
        let whole = [String(repeating: "x", count: StoreLimit.sharedValueBytes)]
        if byUpdate { try store.update(.orders, default: []) { $0 = whole } } else { store[.orders] = whole }
        #expect(await caught { try await shared.append("b", to: .orders) }?.category == .store)
        #expect(store[.orders]?.count == 1)
        try store.update(.orders, default: []) { $0 = ["a"] }
        try await shared.append("b", to: .orders)
        #expect(store[.orders] == ["a", "b"])
    }

    @Test("an attempt reads what it wrote, and everyone else does when it has succeeded")
    func staging() async throws {
        store[.stock] = 10
        store[.orders] = ["a"]
        let store = store
        let workflow = Workflow<Step>.single { context in
            let warehouse = try context.store(named: "warehouse")
            #expect(try await warehouse.increment(.stock, by: -1) == 9)
            #expect(try await warehouse.increment(.stock, by: -1) == 8)
            try await warehouse.append("b", to: .orders)
            #expect(try await warehouse.get(.orders) == ["a", "b"])
            #expect(try await warehouse.putIfAbsent("us", for: .owner))
            #expect(try await warehouse.putIfAbsent("them", for: .owner) == false)
            #expect(Set(try await warehouse.keys()) == ["stock", "orders", "owner"])
            #expect(store[.stock] == 10 && store[.owner] == nil)
            return .done
        }
        _ = try await workflow.orchestrate(from: .first, in: runtime)
        #expect(store[.stock] == 8)
        #expect(store[.orders] == ["a", "b"])
        #expect(store[.owner] == "us")
    }

    @Test("stores of different names, and the run's own, keep the same name apart")
    func apart() async throws {
        let own = MemoryStore()
        let workflow = Workflow<Step>.single { context in
            try await context.store(named: "warehouse").put(1, for: .stock)
            try await context.store(named: "shop").put(2, for: .stock)
            try await context.store.put(3, for: .stock)
            #expect(try await context.store(named: "warehouse").get(.stock) == 1)
            #expect(try await context.store(named: "shop").get(.stock) == 2)
            #expect(try await context.store.get(.stock) == 3)
            return .done
        }
        _ = try await workflow.drive(Run(id: "r", start: .fresh(.first), store: own), in: runtime)
        #expect(store[.stock] == 1)
        #expect(try stores.memory(named: "shop")[.stock] == 2)
        #expect(own[.stock] == 3)
    }

    @Test("what a failed attempt wrote to a shared store is dropped")
    func failedAttempt() async throws {
        let workflow = Workflow<Step>.single(config: TaskConfig(retry: .fixed(retries: 1, delay: .zero))) { context in
            #expect(try await context.store(named: "warehouse").increment(.stock, by: 1) == 1)
            if context.attempt == 1 { throw Mishap() }
            return .done
        }
        _ = try await workflow.orchestrate(from: .first, in: runtime)
        #expect(store[.stock] == 1)
    }

    @Test("what an attempt past its timeout wrote to a shared store is dropped")
    func timedOutAttempt() async throws {
        let clock = ManualClock()
        let config = TaskConfig(retry: .fixed(retries: 1, delay: .zero), attemptTimeout: .seconds(1))
        let workflow = Workflow<Step>.single(config: config) { context in
            _ = try await context.store(named: "warehouse").increment(.stock, by: 1)
            if context.attempt == 1 { try await context.sleep(for: .seconds(60)) }
            return .done
        }
        let runtime = WorkflowRuntime(clock: clock, stores: stores)
        #expect(try await clock.skippingWaits { try await workflow.orchestrate(from: .first, in: runtime) } == .done)
        #expect(store[.stock] == 1)
    }

    @Test("of a task in steps the step that was refused is done again, and none before it")
    func refusedStep() async throws {
        let begun = Journal<Int>()
        let workflow = Workflow<Step>().register(.first, Stocktaking(begun: begun, rival: store)).addExitState(.done)
        #expect(try await workflow.orchestrate(from: .first, in: runtime) == .done)
        #expect(begun.entries == [0, 1, 1])
        #expect(store[.stock] == 1)
    }

    @Test("a context that is over gives no store, and the store it gave no longer writes")
    func closedContext() async throws {
        let kept = Journal<(TaskContext<Step>, TaskStore)>()
        let workflow = Workflow<Step>.single { context in
            kept.add((context, try context.store(named: "warehouse")))
            return .done
        }
        _ = try await workflow.orchestrate(from: .first, in: runtime)
        let (context, late) = try #require(kept.entries.first)
        #expect(throws: CanoError.self) { try context.store(named: "warehouse") }
        await #expect(throws: CanoError.self) { try await late.put(1, for: .stock) }
        await #expect(throws: CanoError.self) { try await late.get(.stock) }
        #expect(store.isEmpty)
    }

    @Test("without shared stores asking for one is an error that says what to do")
    func noStores() throws {
        let error = #expect(throws: CanoError.self) { try TaskContext<Step>().store(named: "warehouse") }
        #expect(error?.category == .configuration)
        #expect(error?.message.contains("MemoryStores()") == true)
    }

    @Test(
        "a name is 1 to 100 characters of the alphabet of names",
        arguments: ["", "a b", "a:b", "ä", "{a}", String(repeating: "x", count: 101)])
    func badNames(_ name: String) throws {
        let context = TaskContext<Step>(in: runtime)
        let error = #expect(throws: CanoError.self) { try context.store(named: name) }
        #expect(error?.category == .configuration)
        #expect(error?.message.contains("1 to 100 characters") == true)
        #expect(throws: CanoError.self) { try stores.store(named: name) }
    }

    @Test("every name of the alphabet is one", arguments: ["a", "A-z_0.9", String(repeating: "x", count: 100)])
    func goodNames(_ name: String) async throws {
        try await TaskContext<Step>(in: runtime).store(named: name).put(1, for: .stock)
        #expect(try stores.memory(named: name)[.stock] == 1)
    }

    @Test("a context without an engine writes to a shared store at once")
    func standalone() async throws {
        let warehouse = try TaskContext<Step>(in: runtime).store(named: "warehouse")
        #expect(try await warehouse.putIfAbsent("us", for: .owner))
        #expect(try await warehouse.increment(.stock, by: 2) == 2)
        #expect(store[.owner] == "us" && store[.stock] == 2)
    }

    @Test("branches of a split join by index, and the one that was told that it set a name has set it")
    func branches() async throws {
        let (gate, owners) = (Gate(), Journal<String>())
        let workflow = Workflow<Step>()
            .registerSplit(.first, branches: (0..<3).map { Shelf(index: $0, gate: gate, owners: owners) }, then: .done).addExitState(.done)
        _ = try await workflow.orchestrate(from: .first, in: runtime)
        #expect(store[.orders] == ["0", "1", "2"])
        #expect(owners.entries.count == 1)
        #expect(store[.owner] == owners.entries.first)
    }

    @Test("what a compensation wrote to a shared store counts when it succeeded")
    func compensation() async throws {
        let stores = stores
        let workflow = Workflow<Step>.bookings(Journal()) { first, second in
            first.booking = { _ = try await $0.store(named: "warehouse").increment(.stock, by: -1) }
            first.undoing = { context, _ in _ = try await context.store(named: "warehouse").increment(.stock, by: 1) }
            second.undoing = { context, _ in
                _ = try await context.store(named: "warehouse").increment(.stock, by: 100)
                throw Mishap()
            }
        } third: { _ in
            #expect(try stores.memory(named: "warehouse")[.stock] == -1)
            throw Mishap()
        }
        await #expect(throws: CanoError.self) { try await workflow.orchestrate(from: .first, in: runtime) }
        #expect(store[.stock] == 0)
    }

    @Test("a write that does not fit fails the run, and none of the step's writes has happened")
    func unfit() async throws {
        let (own, store) = (MemoryStore(), store)
        let workflow = Workflow<Step>.single { context in
            try await context.store.put(1, for: .stock)
            try await context.store(named: "shop").put(1, for: .stock)
            try await context.store(named: "warehouse").append("a", to: .orders)
            store[StoreKey<Int>("orders")] = 3
            return .done
        }
        let error = await #expect(throws: CanoError.self) {
            try await workflow.drive(Run(id: "r", start: .fresh(.first), store: own), in: runtime)
        }
        #expect(error?.category == .store)
        #expect(error?.state == "first")
        #expect(own.isEmpty)
        #expect(try stores.memory(named: "shop").isEmpty)
    }

    @Test("a cancellation does not cut short what a finished step writes to shared stores")
    func cancelled() async throws {
        /// Writes unless it was cancelled.
        struct Polite: SharedStores {
            let stores: MemoryStores

            func store(named name: String) throws -> any Store { try stores.store(named: name) }
            func apply(_ writes: [StagedWrite]) async throws {
                try Task.checkCancellation()
                try await stores.apply(writes)
            }
        }
        let control = RunControl()
        let workflow = Workflow<Step>().register(.first) { context in
            _ = try await context.store(named: "warehouse").increment(.stock, by: 1)
            control.stop(.cancelled(reason: "enough"))
            return .second
        }.register(.second) { _ in .done }.addExitState(.done)
        let error = await #expect(throws: CanoError.self) {
            try await workflow.drive(
                Run(id: "r", start: .fresh(.first), control: control), in: WorkflowRuntime(stores: Polite(stores: stores)))
        }
        #expect(error?.category == .cancelled)
        #expect(store[.stock] == 1)
    }

    @Test("writes to several shared stores are applied all or none")
    func allOrNone() async throws {
        store[.owner] = "them"
        let writes = [
            StagedWrite(store: "shop", key: "stock", operation: .put(1)),
            StagedWrite(store: "warehouse", key: "owner", operation: .putIfAbsent("us")),
        ]
        await #expect(throws: StepConflict.self) { try await stores.apply(writes) }
        #expect(try stores.memory(named: "shop").isEmpty)
        #expect(store[.owner] == "them")
        store[.owner] = nil
        try await stores.apply(writes)
        #expect(try stores.memory(named: "shop")[.stock] == 1)
        #expect(store[.owner] == "us")
    }

    @Test("a step may set what it has removed itself")
    func removedFirst() async throws {
        store[.owner] = "them"
        try await stores.apply([
            StagedWrite(store: "warehouse", key: "owner", operation: .remove),
            StagedWrite(store: "warehouse", key: "owner", operation: .putIfAbsent("us")),
            StagedWrite(store: "warehouse", key: "owner", operation: .putIfAbsent("us too")),
        ])
        #expect(store[.owner] == "us")
    }
}

/// Adds its number to the orders and tries to own the warehouse; the last branch ends first.
private struct Shelf: BranchTask {
    let index: Int
    let gate: Gate
    let owners: Journal<String>
    var config: TaskConfig { .minimal }

    func run(_ context: TaskContext<Step>) async throws {
        let warehouse = try context.store(named: "warehouse")
        try await warehouse.append("\(index)", to: .orders)
        if try await warehouse.putIfAbsent("branch \(index)", for: .owner) { owners.add("branch \(index)") }
        if index == 2 { gate.open() } else { await gate.pass() }
    }
}

/// Counts, and then claims the warehouse; another run is faster the first time.
private struct Stocktaking: SteppedTask {
    let begun: Journal<Int>
    let rival: MemoryStore

    func step(_ context: TaskContext<Step>, from cursor: Int?) async throws -> StepOutcome<Int, Step> {
        let warehouse = try context.store(named: "warehouse")
        begun.add(cursor ?? 0)
        guard cursor == 1 else {
            _ = try await warehouse.increment(.stock, by: 1)
            return .more(1)
        }
        if try await warehouse.putIfAbsent("us", for: .owner) { rival[.owner] = "them" }
        return .done(.done)
    }
}
