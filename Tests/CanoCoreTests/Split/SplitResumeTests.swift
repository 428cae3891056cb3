import CanoPrimitives
import CanoTesting
import Testing

@testable import CanoCore

/// Resumes splits from what their log is after each of its rows.
@Suite(.timeLimit(.minutes(5))) struct SplitResumeTests {
    private let clock = ManualClock()
    private let journal = Journal<Int>()
    private let results = Journal<Reduced>()

    private func workflow(
        _ count: Int = 5, _ join: JoinConfig = JoinConfig(), body: @escaping @Sendable (Int, TaskContext<Fork>) async throws -> Int
    ) -> Workflow<Fork> {
        let journal = journal
        let branches = (0..<count).map { index in
            Branch<Fork, Int>("branch", config: .minimal) { context in
                journal.add(index)
                return try await body(index, context)
            }
        }
        return .split(branches, join, to: results)
    }

    @Test(
        "whatever row a run dies at, no branch that has ended runs again, and the join sees what it saw",
        arguments: [
            (JoinStrategy.all, [Int]()), (.any, [0, 1]), (.quorum(2), [0]), (.percentage(0.6), [3]), (.partialResults(2), [1]),
            (.partialTimeout, [0, 4]),
        ])
    func everyRow(strategy: JoinStrategy, failing: [Int]) async throws {
        // One at a time, so that what a join needs not is the same each time.
        let workflow = workflow(5, JoinConfig(strategy, timeout: .seconds(60), bulkhead: 1)) { index, _ in
            if failing.contains(index) { throw Mishap() }
            return index * 10
        }
        let host = SplitHost(on: clock)
        _ = try await host.drive(workflow)
        let (first, ran) = (results.entries[0], journal.entries)
        #expect(host.moments.map(\.ended.count) == Array(0...ran.count) + [0])
        for moment in host.moments.dropLast() {
            let before = journal.entries.count
            guard case .completed(.done) = try await SplitHost(on: clock, from: moment).drive(workflow) else { throw Mishap() }
            #expect(journal.entries.dropFirst(before).elementsEqual(ran.filter { !moment.ended.contains($0) }))
            #expect(results.entries.last == first)
        }
    }

    @Test("a join that can't be met fails a resumed run as it failed the first one, with the errors of all branches")
    func unmet() async throws {
        let workflow = workflow(4, JoinConfig(.quorum(3), bulkhead: 1)) { index, _ in
            if index < 2 { throw Mishap(code: "mishap-\(index)") }
            return index
        }
        let host = SplitHost(on: clock)
        let first = await caught { try await host.drive(workflow) }
        let moment = try #require(host.moments.first { $0.ended == [0] })
        let again = await caught { try await SplitHost(on: clock, from: moment).drive(workflow) }
        #expect(journal.entries == [0, 1, 1])
        #expect(again?.message == first?.message)
        #expect(again?.causes.map(\.code) == ["mishap-0", "mishap-1"])
        #expect(again?.causes.map(\.task) == ["branch[0]", "branch[1]"])
    }

    @Test("a run that failed with its join runs those branches again that failed when it is resumed, and no other")
    func resumedFailure() async throws {
        let isMended = Gate()
        let workflow = workflow(4, JoinConfig(.quorum(3), bulkhead: 1)) { index, _ in
            if index != 1, index < 3, !isMended.isOpen { throw Mishap() }
            return index
        }
        let host = SplitHost(on: clock)
        #expect(await caught { try await host.drive(workflow) }?.rollback == Rollback.none)
        #expect(journal.entries == [0, 1, 2])
        isMended.open()
        guard case .completed(.done) = try await SplitHost(on: clock, from: host.moment).drive(workflow) else { throw Mishap() }
        #expect(journal.entries == [0, 1, 2, 0, 2])
        #expect(results.entries.map(\.successes) == [[0: 0, 1: 1, 2: 2]])
    }

    private struct Point: Codable, Sendable, Equatable {
        var x: Int
        var y: Double? = nil
    }

    private static func look(_ result: SplitResult<Void>, _ context: TaskContext<Fork>) async throws {
        #expect(result.successes.map(\.index) == [0, 1])
        #expect(try await context.store.get("point") == Point(x: 1, y: 0.1))
        #expect(try await context.store.get("list") == ["a", "b"])
        #expect(try await context.store.get("sum") == 6)
    }

    @Test("what an ended branch wrote joins a resumed run as if the branch had just written it")
    func writes() async throws {
        let branches: [Branch<Fork, Void>] = [
            Branch("writes") { context in
                try await context.store.put(Point(x: 1, y: 0.1), for: "point")
                try await context.store.put(7, for: "gone")
                try await context.store.append("b", to: "list")
                try await context.store.append(Point(x: 2), to: "points")
                _ = try await context.store.increment("sum", by: 5)
                #expect(try await context.store.putIfAbsent("first", for: "claim"))
                _ = try await context.store(named: "shared").increment("sum", by: 5)
                try await context.store(named: "shared").append(Point(x: 3), to: "points")
            },
            Branch("removes") { context in
                try await context.store.remove(StoreKey<Int>("gone"))
                try await context.store(named: "shared").put([1: "one"], for: "map")
            },
            Branch("dies") { _ in throw Mishap() },
        ]
        let workflow = Workflow<Fork>("w", startingAt: .first) { state in
            switch state {
            case .first:
                .split(branches, join: JoinConfig(.partialResults(2), bulkhead: 1)) { result, context in
                    try await Self.look(result, context)
                    return .second
                }
            case .second:
                .task { context in
                    try await context.store.append("c", to: "list")
                    try await context.store.append(Point(x: 9), to: "points")
                    _ = try await context.store.increment("sum", by: 1)
                    return .done
                }
            default: .exit
            }
        }
        func stores() throws -> (MemoryStore, MemoryStores) {
            let (own, shared) = (MemoryStore(), MemoryStores())
            own["list"] = ["a"]
            own["sum"] = 1
            return (own, shared)
        }
        let host = SplitHost(on: clock)
        let (own, shared) = try stores()
        _ = try await host.drive(workflow, store: own, stores: shared)
        for moment in host.moments.dropLast(2) {
            let (own, shared) = try stores()
            _ = try await SplitHost(on: clock, from: moment).drive(workflow, store: own, stores: shared)
            #expect(own["point"] == Point(x: 1, y: 0.1))
            #expect(own["list"] == ["a", "b", "c"])
            #expect(own["points"] == [Point(x: 2), Point(x: 9)])
            #expect(own["sum"] == 7)
            #expect(own["claim"] == "first")
            #expect(!own.contains("gone"))
            #expect(try await shared.store(named: "shared").get("sum") == 5)
            #expect(try await shared.store(named: "shared").get("points") == [Point(x: 3)])
            #expect(try await shared.store(named: "shared").get("map") == [1: "one"])
        }
    }

    @Test("what an ended branch has claimed no other branch of the resumed run gets")
    func claims() async throws {
        let workflow = workflow(2, JoinConfig(bulkhead: 1)) { index, context in
            try await context.store.putIfAbsent(index, for: "claim") ? 1 : 0
        }
        let host = SplitHost(on: clock)
        _ = try await host.drive(workflow)
        let moment = try #require(host.moments.first { $0.ended == [0] })
        _ = try await SplitHost(on: clock, from: moment).drive(workflow)
        #expect(results.entries.map(\.successes) == [[0: 1, 1: 0], [0: 1, 1: 0]])
    }

    @Test("branches whose list has another length than before are refused; nothing is undone and the run stays resumable")
    func otherLength() async throws {
        let journal = journal
        func workflow(_ items: [Int]) -> Workflow<Fork> {
            Workflow<Fork>("w", startingAt: .first) { state in
                switch state {
                case .first:
                    .each("item", config: .minimal, leadsTo: [.done]) { _ in
                        items
                    } branch: { item, _ in
                        journal.add(item)
                        if item == 3 { throw Mishap() }
                        return item
                    } reduce: { _, _ in
                        .done
                    }
                default: .exit
                }
            }
        }
        let host = SplitHost(on: clock)
        _ = await caught { try await host.drive(workflow([1, 2, 3])) }
        let moment = try #require(host.moments.first { $0.ended == [0, 1] })
        let before = journal.entries
        for items in [[1], [1, 2, 3, 4], []] {
            let resumed = SplitHost(on: clock, from: moment)
            let error = await caught { try await resumed.drive(workflow(items)) }
            #expect(error?.code == "other_branches")
            #expect(error?.rollback == Rollback.none)
            #expect(error?.state == "first")
            #expect(resumed.calls.isEmpty)
        }
        #expect(journal.entries == before)
    }

    @Test("an output that is of another type now is refused, and the run stays resumable")
    func otherType() async throws {
        let host = SplitHost(on: clock)
        let join = JoinConfig(bulkhead: 1)
        _ = try await host.drive(workflow(2, join) { index, _ in index })
        let moment = try #require(host.moments.first { $0.ended == [0] })
        let texts = Workflow<Fork>("w", startingAt: .first) { state in
            switch state {
            case .first: .split((0..<2).map { _ in Branch("branch") { _ in "text" } }, join: join, then: .done)
            default: .exit
            }
        }
        let resumed = SplitHost(on: clock, from: moment)
        let error = await caught { try await resumed.drive(texts) }
        #expect(error?.rollback == Rollback.none && error?.message.contains("not a String") == true)
        #expect(resumed.calls.isEmpty)
    }

    @Test("observers hear of the end of each branch once, however often the run is resumed")
    func told() async throws {
        let workflow = workflow(3, JoinConfig(.partialResults(2), bulkhead: 1)) { index, _ in
            if index == 1 { throw Mishap() }
            return index
        }
        let observer = RecordingObserver()
        let host = SplitHost(on: clock)
        _ = try await host.drive(workflow, observers: [observer])
        let all = observer.summary.filter { $0.contains("branch") }
        #expect(
            all == [
                "taskStarted first branch[0]", "taskStarted first branch[1]", "taskStarted first branch[2]",
                "taskSucceeded first branch[0]",
                "checkpointWritten 1 branch_end", "taskFailed first branch[1] mishap", "checkpointWritten 2 branch_end",
                "taskSucceeded first branch[2]", "checkpointWritten 3 branch_end",
            ])
        let moment = try #require(host.moments.first { $0.ended == [0, 1] })
        let second = RecordingObserver()
        _ = try await SplitHost(on: clock, from: moment).drive(workflow, observers: [second])
        #expect(
            second.summary.filter { $0.contains("branch") }
                == [
                    "resumed 2 first", "taskStarted first branch[2]", "taskSucceeded first branch[2]", "checkpointWritten 3 branch_end",
                ].filter { $0.contains("branch") })
    }

    @Test("an idempotency key is that of the visit and the branch, before a crash and after it")
    func keys() async throws {
        let keys = Journal<String>()
        let workflow = workflow(3, JoinConfig(bulkhead: 1)) { index, context in
            keys.add(context.idempotencyKey)
            return index
        }
        let host = SplitHost(on: clock)
        _ = try await host.drive(workflow)
        let moment = try #require(host.moments.first { $0.ended == [0] })
        _ = try await SplitHost(on: clock, from: moment).drive(workflow)
        #expect(keys.entries == ["r/first/1/0", "r/first/1/1", "r/first/1/2", "r/first/1/1", "r/first/1/2"])
    }

    @Test("a step that shared stores refuse runs those branches again that claim in them, and no other")
    func refusedClaim() async throws {
        let shared = MemoryStores()
        let other = try shared.store(named: "shared")
        let branches: [Branch<Fork, Int>] = [
            Branch("signal", waitingFor: Signal("go", of: Int.self), .forever),
            Branch("claim") { [journal] context in
                journal.add(1)
                let isFirst = try await context.store(named: "shared").putIfAbsent("mine", for: "name")
                // Another run is quicker.
                if journal.entries.count == 1 { _ = try await other.putIfAbsent("theirs", for: "name") }
                return isFirst ? 1 : 0
            },
        ]
        let results = results
        let workflow = Workflow<Fork>("w", startingAt: .first) { state in
            switch state {
            case .first:
                .split(branches) { result, _ in
                    results.add(Reduced(result))
                    return .done
                }
            default: .exit
            }
        }
        let host = SplitHost(on: clock)
        host.signal("go", "5", id: "1")
        _ = try await host.drive(workflow, stores: shared)
        #expect(journal.entries == [1, 1])
        #expect(results.entries.map(\.successes) == [[0: 5, 1: 1], [0: 5, 1: 0]])
    }

    private struct Counted: Codable, Sendable {
        static let encodings = Counter()
        func encode(to encoder: any Encoder) throws {
            Self.encodings.increment()
            var container = encoder.singleValueContainer()
            try container.encode(1)
        }
        init() {}
        init(from decoder: any Decoder) throws {}
    }

    @Test("without a log no output is encoded")
    func unlogged() async throws {
        let workflow = Workflow<Fork>("w", startingAt: .first) { state in
            switch state {
            case .first: .split((0..<3).map { _ in Branch("branch") { _ in Counted() } }, then: .done)
            default: .exit
            }
        }
        _ = try await workflow.run()
        #expect(Counted.encodings.value == 0)
        _ = try await SplitHost(on: clock).drive(workflow)
        #expect(Counted.encodings.value == 3)
    }

    @Test("an output that no row can hold fails its branch, and says why", arguments: ["large", "nan"])
    func unkept(problem: String) async throws {
        let workflow = Workflow<Fork>("w", startingAt: .first) { state in
            switch state {
            case .first:
                .split(
                    [
                        Branch("fine") { _ in [1.5] },
                        Branch("bad") { _ in problem == "nan" ? [Double.nan] : Array(repeating: 123_456.5, count: 200_000) },
                    ], join: JoinConfig(.partialTimeout, timeout: .seconds(9))
                ) { result, _ in
                    #expect(result.outputs == [[1.5]])
                    #expect(result.failures.map(\.error.category) == [problem == "nan" ? .taskExecution : .logFull])
                    return .done
                }
            default: .exit
            }
        }
        guard case .completed(.done) = try await SplitHost(on: clock).drive(workflow) else { throw Mishap() }
    }

    @Test("branches that return nothing count as successes")
    func nothing() async throws {
        struct Silent: BranchTask {
            func run(_ context: TaskContext<Fork>) async throws {}
        }
        struct Plain: WorkflowTask {
            func run(_ context: TaskContext<Fork>) async throws -> Fork { .third }
        }
        let workflow = Workflow<Fork>("w", startingAt: .first) { state in
            switch state {
            case .first:
                .split([Branch(Silent()), Branch(Plain()), Branch("closure") { _ in }], join: JoinConfig(bulkhead: 1)) { result, _ in
                    #expect(result.successes.map(\.index) == [0, 1, 2])
                    #expect(result.outputs.count == 3)
                    return .done
                }
            default: .exit
            }
        }
        let host = SplitHost(on: clock)
        _ = try await host.drive(workflow)
        for moment in host.moments.dropLast() {
            guard case .completed(.done) = try await SplitHost(on: clock, from: moment).drive(workflow) else { throw Mishap() }
        }
    }
}
