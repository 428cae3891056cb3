import CanoCore
import CanoTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct StoreTests {
    let store = MemoryStore()

    @Test("RE memory store: values of any type, by name")
    func values() async throws {
        try await store.put("text", for: "name")
        #expect(try await store.get("name") == "text")
        try await store.put(3, for: "name")
        #expect(try await store.get("name") == 3)
        #expect(try await store.increment("name", by: 4) == 7)
        #expect(try await store.increment("new", by: 1) == 1)
        #expect(try await store.putIfAbsent(9, for: "new") == false)
        #expect(try await store.putIfAbsent(9, for: "other"))
        try await store.append("a", to: "list")
        try await store.append("b", to: "list")
        #expect(try await store.get("list") == ["a", "b"])
        #expect(Set(try await store.keys()) == ["name", "new", "other", "list"])
        try await store.remove(StoreKey<Int>("new"))
        #expect(try await store.get("new") == Int?.none)
        #expect(store.count == 3)
        #expect(store.contains("list"))
        store[StoreKey<Int>("sync")] = 1
        #expect(
            try store.update("sync", default: 0) {
                $0 += 1; return $0
            } == 2)
        store.removeAll()
        #expect(store.isEmpty)
    }

    @Test("a value of another type is an error and stays as it is")
    func mismatch() async throws {
        try await store.put("text", for: "name")
        await #expect(throws: CanoError.self) { _ = try await store.get(StoreKey<Int>("name")) }
        await #expect(throws: CanoError.self) { try await store.increment("name", by: 1) }
        await #expect(throws: CanoError.self) { try await store.append(1, to: "name") }
        #expect(try await store.get("name") == "text")
    }

    @Test("writes are applied all or none")
    func allOrNone() async throws {
        try await store.put("text", for: "b")
        #expect(throws: CanoError.self) {
            try store.apply([
                StagedWrite(key: "a", operation: .put(1)), StagedWrite(key: "b", operation: .increment(1)),
            ])
        }
        #expect(try await store.keys() == ["b"])
    }

    @Test("an attempt reads what it wrote, and the run gets it when the attempt succeeds")
    func staging() async throws {
        try await store.put(10, for: "count")
        try await store.put(["a"], for: "list")
        let store = store
        let workflow = Workflow<Step>.single { context in
            #expect(try await context.store.increment("count", by: 1) == 11)
            #expect(try await context.store.increment("count", by: 1) == 12)
            try await context.store.append("b", to: "list")
            #expect(try await context.store.get("list") == ["a", "b"])
            try await context.store.append(1.5, to: "fresh")
            #expect(try await context.store.get("fresh") == [1.5])
            #expect(try await context.store.putIfAbsent(true, for: "flag"))
            #expect(try await context.store.putIfAbsent(false, for: "flag") == false)
            try await context.store.put("x", for: "temporary")
            try await context.store.remove(StoreKey<String>("temporary"))
            #expect(Set(try await context.store.keys()) == ["count", "list", "fresh", "flag"])
            #expect(try await store.get("count") == 10)
            return .done
        }
        _ = try await workflow.drive(Run(id: "r", start: .fresh(.first), store: store), in: WorkflowRuntime())
        #expect(try await store.get("count") == 12)
        #expect(try await store.get("list") == ["a", "b"])
        #expect(try await store.get("fresh") == [1.5])
        #expect(try await store.get("flag") == true)
    }

    @Test("an attempt may change the type of a value, and reads its own")
    func changedType() async throws {
        try await store.put("text", for: "value")
        let workflow = Workflow<Step>.single { context in
            try await context.store.put(1, for: "value")
            #expect(try await context.store.increment("value", by: 1) == 2)
            return .done
        }
        _ = try await workflow.drive(Run(id: "r", start: .fresh(.first), store: store), in: WorkflowRuntime())
        #expect(try await store.get("value") == 2)
    }

    @Test("what a failed attempt wrote is dropped")
    func failedAttempt() async throws {
        let workflow = Workflow<Step>.single(config: TaskConfig(retry: .fixed(retries: 1, delay: .zero))) { context in
            #expect(try await context.store.increment("count", by: 1) == 1)
            if context.attempt == 1 { throw Mishap() }
            return .done
        }
        _ = try await workflow.drive(Run(id: "r", start: .fresh(.first), store: store), in: WorkflowRuntime())
        #expect(try await store.get("count") == 1)
    }

    @Test("writes that do not fit fail the run")
    func applyFails() async throws {
        try await store.put("text", for: "count")
        let other = store
        let workflow = Workflow<Step>.single { context in
            try await context.store.append(1, to: "list")
            other[StoreKey<Int>("list")] = 3
            return .done
        }
        let error = await #expect(throws: CanoError.self) {
            try await workflow.drive(Run(id: "r", start: .fresh(.first), store: store), in: WorkflowRuntime())
        }
        #expect(error?.category == .store)
        #expect(error?.state == "first")
    }

    @Test("a context goes dead with its attempt, also when kept by a task the attempt left behind")
    func closedContext() async throws {
        let kept = Journal<TaskContext<Step>>()
        let workflow = Workflow<Step>.single { context in
            kept.add(context)
            return .done
        }
        _ = try await workflow.orchestrate(from: .first)
        let context = try #require(kept.entries.first)
        #expect(throws: CanoError.self) { try context[ResourceKey<Int>("none")] }
        await #expect(throws: CanoError.self) { try await context.store.put(1, for: "late") }
        await #expect(throws: CanoError.self) { _ = try await context.store.get(StoreKey<Int>("late")) }
    }

    @Test("a task can be called directly, with a context of the test's own")
    func standalone() async throws {
        let context = TaskContext<StepGiven<Int>>(run: "r", state: "first", input: 3, store: store)
        try await context.store.put(context.input, for: "value")
        #expect(try await store.get("value") == 3)
    }

    @Test("a write that does not fit, of a task that goes on, fails the task and is told", arguments: ["timer", "stepped", "stream"])
    func refusedMidway(kind: String) async throws {
        let observer = RecordingObserver()
        try await store.put("text", for: "list")
        let empty = Workflow<Step>().addExitState(.done)
        let workflow =
            switch kind {
            case "timer": empty.register(.first, MidwayTimer())
            case "stepped": empty.register(.first, MidwaySteps())
            default: empty.register(.first, MidwayStream())
            }
        let error = await #expect(throws: CanoError.self) {
            try await workflow.orchestrate(from: .first, store: store, in: WorkflowRuntime(observers: [observer]))
        }
        #expect(error?.category == .store)
        #expect(error?.state == "first")
        #expect(observer.summary == ["stateEntered first", "taskStarted first task", "taskFailed first task store"])
    }

    @Test("what an attempt appended before it replaced the value does not count, whatever the value was")
    func replacedAppend() async throws {
        try await store.put("text", for: "list")
        let workflow = Workflow<Step>.single { context in
            try await context.store.append(1, to: "list")
            try await context.store.put([2], for: "list")
            try await context.store.append(3, to: "list")
            #expect(try await context.store.get("list") == [2, 3])
            try await context.store.append(4, to: "gone")
            try await context.store.remove(StoreKey<[Int]>("gone"))
            return .done
        }
        _ = try await workflow.drive(Run(id: "r", start: .fresh(.first), store: store), in: WorkflowRuntime())
        #expect(try await store.get("list") == [2, 3])
        #expect(try await store.keys() == ["list"])
    }

    @Test("a claim is not lost when the claimed value is replaced, and a removed value can be claimed")
    func replacedClaim() async throws {
        let stores = MemoryStores()
        let seats = try stores.memory(named: "seats")
        seats[StoreKey<String>("b")] = "theirs"
        let passes = Counter()
        let workflow = Workflow<Step>.single { context in
            let claims = try context.store(named: "seats")
            if try await claims.putIfAbsent("ours", for: "a") { try await claims.put("ours, in row 1", for: "a") }
            try await claims.remove(StoreKey<String>("b"))
            #expect(try await claims.putIfAbsent("ours", for: "b"))
            try await claims.put("ours, in row 2", for: "b")
            if passes.increment() == 1 { seats[StoreKey<String>("a")] = "theirs" }
            return .done
        }
        _ = try await workflow.drive(Run(id: "r", start: .fresh(.first)), in: WorkflowRuntime(stores: stores))
        #expect(passes.value == 2)
        #expect(seats[StoreKey<String>("a")] == "theirs")
        #expect(seats[StoreKey<String>("b")] == "ours, in row 2")
    }

    @Test("writes that are refused leave every value as it was, lists and values that came and went included")
    func putBack() async throws {
        try await store.put([1, 2], for: "list")
        try await store.put("text", for: "name")
        try await store.put(7, for: "number")
        #expect(throws: CanoError.self) {
            try store.apply([
                StagedWrite(key: "list", operation: .append(3)), StagedWrite(key: "list", operation: .append(4)),
                StagedWrite(key: "new", operation: .put(1)), StagedWrite(key: "new", operation: .append(1)),
            ])
        }
        #expect(throws: CanoError.self) {
            try store.apply([
                StagedWrite(key: "list", operation: .append(3)), StagedWrite(key: "list", operation: .remove),
                StagedWrite(key: "list", operation: .append("x")), StagedWrite(key: "number", operation: .increment(1)),
                StagedWrite(key: "number", operation: .put("text")), StagedWrite(key: "fresh", operation: .append(1)),
                StagedWrite(key: "name", operation: .increment(1)),
            ])
        }
        #expect(try await store.get("list") == [1, 2])
        #expect(try await store.get("number") == 7)
        #expect(Set(try await store.keys()) == ["list", "name", "number"])
    }
}

private struct MidwayTimer: TimerTask {
    let name = "task"
    func wait(_ context: TaskContext<Step>) async throws -> TimerOutcome {
        try await context.store.append(1, to: "list")
        return .duration(.zero)
    }
    func afterWait(_ context: TaskContext<Step>) async throws -> Step { .done }
}

private struct MidwaySteps: SteppedTask {
    let name = "task"
    let config = TaskConfig.minimal
    func step(_ context: TaskContext<Step>, from cursor: Int?) async throws -> StepOutcome<Int, Step> {
        try await context.store.append(1, to: "list")
        return .more(1)
    }
}

private struct MidwayStream: StreamTask {
    let name = "task"
    func open(_ context: TaskContext<Step>, from cursor: Int?) async throws -> AsyncStream<Int> {
        AsyncStream { continuation in
            continuation.yield(1)
            continuation.finish()
        }
    }
    func process(_ item: Int, _ context: TaskContext<Step>) async throws -> (output: Int, cursor: Int) {
        try await context.store.append(item, to: "list")
        return (item, item)
    }
    func flush(_ outputs: [Int], _ context: TaskContext<Step>) async throws -> WindowSignal<Step> { .proceed }
    func close(_ reason: CloseReason, _ context: TaskContext<Step>) async throws -> Step { .done }
}
