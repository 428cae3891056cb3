import CanoCore
import CanoPrimitives
import CanoTesting
import Synchronization
import Testing

extension StoreKey<Int> { fileprivate static var seat: Self { "seat" } }

/// What `putIfAbsent` answers to those that ask at the same time, inside one run.
@Suite(.timeLimit(.minutes(5))) struct ClaimTests {
    /// Where the name is claimed.
    enum Place: CaseIterable, Sendable { case shared, own }

    let stores = MemoryStores()
    let own = MemoryStore()
    let won = Journal<Int>()
    var runtime: WorkflowRuntime { WorkflowRuntime(stores: stores) }

    func drive(_ workflow: Workflow<Step>) async throws {
        let outcome = try await workflow.drive(Run(id: "r", start: .fresh(.first), store: own), in: runtime)
        guard case .completed(.done) = outcome else { return #expect(Bool(false), "\(outcome)") }
    }

    func value(in place: Place) throws -> Int? { place == .shared ? try stores.memory(named: "seats")[.seat] : own[.seat] }

    @Test("of the branches of a split one gets a name that all of them claim", arguments: Place.allCases)
    func branches(place: Place) async throws {
        let all = Meeting(of: 3)
        let branches = (0..<3).map { index in
            Branch<Step, Bool>("claim", config: .minimal) { context in
                let isOurs = try await claim(index, context, place)
                await all.meet()
                return isOurs
            }
        }
        try await drive(
            Workflow<Step>().registering(
                .first,
                .split(branches) { result, _ in
                    for success in result.successes where success.output { won.add(success.index) }
                    return .done
                }
            ).addExitState(.done))
        #expect(won.entries.count == 1)
        #expect(try value(in: place) == won.entries.first)
    }

    @Test("of the items of a batch that are processed side by side one gets a name that all of them claim", arguments: Place.allCases)
    func items(place: Place) async throws {
        let all = Meeting(of: 3)
        let task = Items(concurrency: 3) { index, context in
            if try await claim(index, context, place) { won.add(index) }
            await all.meet()
        }
        try await drive(Workflow<Step>().register(.first, task).addExitState(.done))
        #expect(won.entries.count == 1)
        #expect(try value(in: place) == won.entries.first)
    }

    @Test("of items that one worker processes one after the other one gets a name, though others work beside it", arguments: Place.allCases)
    func itemsInTurn(place: Place) async throws {
        let task = Items(count: 40, concurrency: 2) { index, context in
            if try await claim(index, context, place) { won.add(index) }
            await Task.yield()
        }
        try await drive(Workflow<Step>().register(.first, task).addExitState(.done))
        #expect(won.entries.count == 1)
    }

    @Test("of the items of batches in two branches one gets a name that all of them claim", arguments: Place.allCases)
    func itemsOfBranches(place: Place) async throws {
        let all = Meeting(of: 4)
        let task = Items(count: 2, concurrency: 2) { index, context in
            if try await claim(index, context, place) { won.add(index) }
            await all.meet()
        }
        try await drive(
            Workflow<Step>().registerSplit(.first, branches: [Branch<Step, Void>(task), Branch<Step, Void>(task)], then: .done)
                .addExitState(.done))
        #expect(won.entries.count == 1)
    }

    @Test("a branch that fails with a claim gives it up, and a further attempt or another branch can have it", arguments: Place.allCases)
    func givenUp(place: Place) async throws {
        let retried = Branch<Step, Bool>("retried", config: TaskConfig(retry: .fixed(retries: 1, delay: .zero))) { context in
            let isOurs = try await claim(1, context, place)
            if context.attempt == 1 { throw Mishap() }
            return isOurs
        }
        let failing = Branch<Step, Bool>("failing", config: .minimal) { context in
            _ = try await claim(0, context, place)
            throw Mishap()
        }
        let later = Branch<Step, Bool>("later", config: .minimal) { try await claim(2, $0, place) }
        for (branches, winner) in [([retried], 0), ([failing, later], 1)] {
            own.removeAll()
            try stores.memory(named: "seats").removeAll()
            let outcomes = Journal<SplitResult<Bool>>()
            try await drive(
                Workflow<Step>().registering(
                    .first,
                    .split(branches, join: JoinConfig(.partialResults(1), bulkhead: 1)) { result, _ in
                        outcomes.add(result)
                        return .done
                    }
                ).addExitState(.done))
            #expect(outcomes.entries.first?.successes.map(\.index) == [winner])
            #expect(outcomes.entries.first?.outputs == [true])
        }
    }

    @Test("the reduction of a split finds what its branches claimed", arguments: Place.allCases)
    func reduction(place: Place) async throws {
        let branch = Branch<Step, Bool>("claim", config: .minimal) { try await claim(7, $0, place) }
        try await drive(
            Workflow<Step>().registering(
                .first,
                .split([branch]) { _, context in
                    #expect(try await claim(8, context, place) == false)
                    let store = place == .shared ? try context.store(named: "seats") : context.store
                    #expect(try await store.get(.seat) == 7)
                    return .done
                }
            ).addExitState(.done))
        #expect(try value(in: place) == 7)
    }

    @Test("a task that is called without an engine claims at once, and one of many gets it", arguments: Place.allCases)
    func standalone(place: Place) async throws {
        let context = TaskContext<Step>(store: own, in: runtime)
        let winners = try await withThrowingTaskGroup(of: Bool.self) { group in
            for index in 0..<50 { group.addTask { try await claim(index, context, place) } }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(winners == 1)
    }

    func claim(_ index: Int, _ context: TaskContext<Step>, _ place: Place) async throws -> Bool {
        let store = place == .shared ? try context.store(named: "seats") : context.store
        return try await store.putIfAbsent(index, for: .seat)
    }
}

/// Lets its tasks go on when all of them are there.
private final class Meeting: Sendable {
    private let missing: Mutex<Int>
    private let all = Gate()

    init(of count: Int) { missing = Mutex(count) }

    func meet() async {
        let isLast = missing.withLock { missing in
            missing -= 1
            return missing == 0
        }
        if isLast { all.open() }
        await all.pass()
    }
}

private struct Items: BatchTask {
    var count = 3
    let concurrency: Int
    let work: @Sendable (Int, TaskContext<Step>) async throws -> Void
    var config: TaskConfig { .minimal }

    func load(_ context: TaskContext<Step>) async throws -> [Int] { Array(0..<count) }
    func process(_ item: Int, _ context: TaskContext<Step>) async throws { try await work(item, context) }
    func finish(_ results: [Result<Void, any Error>], _ context: TaskContext<Step>) async throws -> Step {
        for result in results { try result.get() }
        return .done
    }
}
