import CanoCore
import CanoTesting
import Testing

@Suite("A value handed on to the next state", .timeLimit(.minutes(5)))
struct LineTests {
    enum Import: String, WorkflowState, CaseIterable {
        typealias Input = [String]
        typealias Output = String
        case extract, transform, check, load, done
    }

    private static func importing(_ journal: Journal<String> = Journal()) -> Workflow<Import> {
        Workflow("import", startingAt: .extract) { state in
            switch state {
            case .extract: .step(then: .transform) { context in context.input.sorted() }
            case .transform:
                .each("file", taking: [String].self, then: .check) { file, _ in
                    journal.add(file)
                    return file.utf8.count
                } reduce: { sizes, _ in
                    sizes.outputs
                }
            case .check:
                .decision(taking: [Int].self, if: { $0 > 3 }, then: .load, else: .done) { sizes, _ in
                    journal.add("\(sizes)")
                    return sizes.reduce(0, +)
                }
            case .load:
                .step("loading", config: .minimal, taking: Int.self, then: .done) { sum, context in
                    journal.add("\(sum)")
                    guard context.visit == 4 else { return 0 }
                    return sum
                }
            case .done: .exit(taking: Int.self) { sum, run in "\(sum) from \(run.input.count)" }
            }
        }
    }

    @Test("is what the next step, the branches and the exit take")
    func line() async throws {
        let (store, journal) = (MemoryStore(), Journal<String>())
        #expect(try await Self.importing(journal).run(["bcd", "a"], store: store) == "4 from 2")
        #expect(Set(journal.entries) == ["a", "bcd", "[1, 3]", "4"])
        #expect(try await Self.importing().run([]) == "0 from 0")
        #expect(try await store.get(StoreKey<[String]>("handed-to:transform")) == ["a", "bcd"])
        #expect(
            Set(try await store.keys()) == ["handed-to:transform", "handed-to:check", "handed-to:load", "handed-to:done"])
    }

    @Test("is there when the run goes on after a crash, wherever it crashed", arguments: 1...4)
    func crashed(row: Int) async throws {
        let (logs, store, journal) = (KeepingStore(), MemoryStore(), Journal<String>())
        let dying = FaultyCheckpointStore(logs, .dies(atRow: row))
        let error = await caught {
            try await Self.importing(journal).run(["bcd", "a"], as: "r", store: store, in: WorkflowRuntime(checkpoints: dying))
        }
        #expect(error?.code == "relinquished")
        #expect(logs.appended.count == row)
        // Either branch may be the first to end.
        let hasRow = logs.appended.contains { $0.kind == .branchEnd && $0.branch == 0 }
        let output = try await Self.importing(journal).resume(
            "r", input: ["bcd", "a"], store: store, in: WorkflowRuntime(checkpoints: logs))
        #expect(output == "4 from 2")
        #expect(journal.entries.filter { $0 == "a" }.count == (row == 1 || hasRow ? 1 : 2), "a branch that has its row is not run again")
    }

    @Test("is the one of the attempt that succeeds")
    func attempts() async throws {
        let workflow = Workflow<Import>("import", startingAt: .extract) { state in
            state == .done
                ? .exit(taking: Int.self) { attempt, _ in "\(attempt)" }
                : .step(config: TaskConfig(retry: .fixed(retries: 2, delay: .zero)), then: .done) { context in
                    if context.attempt < 3 { throw Mishap() }
                    return context.attempt
                }
        }
        #expect(try await workflow.run([]) == "3")
    }

    enum Talk: String, WorkflowState, CaseIterable {
        typealias Output = [Int]
        case think, use, answered
    }

    @Test("replaces the one before when a state is visited again")
    func visits() async throws {
        let talk = Workflow<Talk>("talk", startingAt: .think) { state in
            switch state {
            case .think: .decision(if: { $0 < 5 }, then: .use, else: .answered) { context in context.visit }
            case .use: .step(taking: Int.self, then: .think) { visit, context in try await context.store.append(visit, to: "used") }
            case .answered: .exit(taking: Int.self) { visit, run in try await run.store.require("used") + [visit] }
            }
        }
        #expect(try await talk.run() == [1, 3, 5])
    }

    @Test("need not be there: steps and decisions go on without one")
    func without() async throws {
        let talk = Workflow<Talk>("talk", startingAt: .think) { state in
            switch state {
            case .think: .decision(then: .use, else: .answered) { context in context.visit == 1 }
            case .use:
                .step(then: .think) { context in
                    guard context.visit == 2 else { throw Hopeless() }
                    try await context.store.append(context.visit, to: "used")
                }
            case .answered: .exit { run in [run.store is MemoryStore ? 1 : 0] + (try await run.store.require("used")) }
            }
        }
        let store = MemoryStore()
        #expect(try await talk.run(store: store) == [1, 2])
        #expect(try await store.keys() == ["used"])
    }

    @Test("is shown in the graph by its transition")
    func graph() {
        let edges = Self.importing().graph().edges.map { "\($0.from) \($0.to)" }
        #expect(edges == ["extract transform", "transform check", "check done", "check load", "load done"])
        #expect(Self.importing().taskName(of: .load) == "loading")
        #expect(Self.importing().taskName(of: .extract) == "extract")
    }

    private func problems(_ handler: (Import) -> StateHandler<Import>) -> [String] {
        do { try Workflow("import", startingAt: .extract, handler: handler).validate() } catch { return error.causes.map(\.message) }
        return []
    }

    @Test("of another type than the next state takes is found before anything runs, and so is none")
    func mismatches() {
        let found = problems { state in
            switch state {
            case .extract: .step(then: .transform) { _ in 7 }
            case .transform: .step(taking: [String].self, then: .load) { _, _ in }
            case .check: .task(leadsTo: [.load, .transform]) { _ in .load }
            case .load: .decision(then: .done, else: .check) { _ in true }
            case .done: .exit(taking: Int.self) { count, _ in "\(count)" }
            }
        }
        #expect(
            found == [
                #"state "extract" hands on Int to state "transform", which takes Array<String>: make them the same type"#,
                #"state "check" hands on nothing to state "transform", which takes Array<String>: hand one on, or take nothing"#,
                #"state "load" hands on nothing to state "done", which takes Int: hand one on, or take nothing"#,
            ])
        let started = problems { state in state == .done ? .exit { _ in "" } : .step(taking: Int.self, then: .done) { count, _ in count } }
        #expect(started == [#"state "extract" takes Int, but runs start there, with nothing handed on: take the input instead"#])
        #expect(problems { state in state == .done ? .exit { _ in "" } : .step(then: .done) { _ in 7 } } == [], "a state may take nothing")
    }

    @Test("that is missing fails the run with its place, at once")
    func missing() async throws {
        let attempts = Counter()
        func workflow(to next: Import) -> Workflow<Import> {
            Workflow("import", startingAt: .extract) { state in
                switch state {
                // It does not say where it leads, so only a run knows.
                case .extract: .task { _ in next }
                case .done: .exit(taking: Int.self) { count, _ in "\(count)" }
                default:
                    .step(taking: Int.self, then: .done) { count, _ in
                        attempts.increment()
                        return count
                    }
                }
            }
        }
        let error = await caught { try await workflow(to: .load).run([], as: "r") }
        #expect(error?.category == .store && error?.code == "missing_value" && error?.state == "load" && error?.attempt == 1)
        #expect(error?.message == #"state "load" takes Int, and the state before it has handed none on"#)
        #expect(error?.path == ["extract", "load"] && attempts.value == 0)
        let atExit = await caught { try await workflow(to: .done).run([]) }
        #expect(atExit?.code == "missing_value" && atExit?.state == "done" && atExit?.isRetryable == false)
    }

    enum Order: String, WorkflowState, CaseIterable {
        typealias Output = String
        case price, charge, ship, shipped
    }

    /// Notes what is charged, shipped and refunded.
    private static func order(_ journal: Journal<String>, ships: Bool = true) -> Workflow<Order> {
        Workflow("order", startingAt: .price) { state in
            switch state {
            case .price:
                .sagaStep("price", then: .charge) { _ in
                    20
                } undo: { context, price in
                    journal.add("unprice \(price) \(context.state)")
                }
            case .charge:
                .sagaStep("charge", taking: Int.self, then: .ship) { price, context in
                    journal.add("charge \(price)")
                    return "receipt-\(context.visit)"
                } undo: { _, receipt in
                    journal.add("refund \(receipt)")
                }
            case .ship:
                .step(config: .minimal, taking: String.self, then: .shipped) { receipt, _ in
                    journal.add("ship \(receipt)")
                    if !ships { throw Hopeless() }
                    return "parcel for \(receipt)"
                }
            case .shipped: .exit(taking: String.self) { parcel, _ in parcel }
            }
        }
    }

    @Test("is the receipt of a saga step, which is undone with it")
    func receipts() async throws {
        let journal = Journal<String>()
        #expect(try await Self.order(Journal()).run() == "parcel for receipt-2")
        let error = await caught { try await Self.order(journal, ships: false).run() }
        #expect(error?.rollback == .clean)
        #expect(journal.entries == ["charge 20", "ship receipt-2", "refund receipt-2", "unprice 20 price"])
        #expect(Self.order(journal).graph().edges.map(\.to) == ["charge", "ship", "shipped"])
    }

    @Test("is the receipt of a saga step after a crash, too", arguments: 1...5)
    func receiptsAfterACrash(row: Int) async throws {
        let (logs, store, journal) = (InMemoryCheckpointStore(), MemoryStore(), Journal<String>())
        let dying = WorkflowRuntime(checkpoints: FaultyCheckpointStore(logs, .dies(atRow: row)))
        await #expect(throws: CanoError.self) { try await Self.order(journal).run(as: "r", store: store, in: dying) }
        let output = try await Self.order(journal).resume("r", store: store, in: WorkflowRuntime(checkpoints: logs))
        #expect(output == "parcel for receipt-2")
        #expect(journal.entries.filter { $0 == "charge 20" }.count == (row == 3 ? 2 : 1))
    }

    @Test("may be nothing of its type, and be made in each again where the list comes from elsewhere")
    func shapes() async throws {
        let talk = Workflow<Talk>("talk", startingAt: .think) { state in
            switch state {
            case .think:
                .each("number", then: .use) { context in
                    [context.visit, 2, 3]
                } branch: { number, _ in
                    number * 10
                } reduce: { results, _ in
                    results.outputs.first { $0 > 30 }
                }
            case .use: .step(taking: Int?.self, then: .answered) { number, _ in [number ?? -1] }
            case .answered: .exit(taking: [Int].self) { numbers, _ in numbers }
            }
        }
        #expect(try await talk.run() == [-1])
    }
}
