import CanoCore
import CanoTesting
import Testing

@Suite("A workflow with types", .timeLimit(.minutes(5)))
struct TypedWorkflowTests {
    enum Step: String, WorkflowState, CaseIterable {
        typealias Input = Int
        typealias Output = String
        case double, done, refused
    }

    /// Doubles its input, or refuses it; `work` comes first.
    private func workflow(
        _ work: @escaping @Sendable (TaskContext<Step>) async throws -> Void = { _ in }, keeps: Bool = true
    ) -> Workflow<Step> {
        Workflow("doubling", version: "3", startingAt: .double) { state in
            switch state {
            case .double:
                .task { context in
                    try await work(context)
                    guard context.input > 0 else { return .refused }
                    if keeps { try await context.store.put(context.input * 2, for: "sum") }
                    return .done
                }
            case .done: .exit { run in "\(run.input) twice is \(try await run.store.require(StoreKey<Int>("sum")))" }
            case .refused: .exit { run in "refused in \(run.state)" }
            }
        }
    }

    @Test("takes its input and answers the output of the exit state it reaches")
    func output() async throws {
        #expect(try await workflow().run(4) == "4 twice is 8")
        #expect(try await workflow().run(0) == "refused in refused")
        let store = MemoryStore()
        _ = try await workflow().run(5, store: store)
        #expect(try await store.require(StoreKey<Int>("sum")) == 10)
    }

    @Test("fails with the place and the key when a value of the output is missing")
    func missing() async throws {
        let error = await #expect(throws: CanoError.self) { try await workflow(keeps: false).run(4) }
        #expect(error?.code == "missing_value" && error?.state == "done")
        #expect(error?.message.contains("\"sum\"") == true)
        #expect(error?.isRetryable == false)
    }

    @Test("is what it was made as: a name, a version, a first state")
    func itself() throws {
        let workflow = workflow()
        #expect(workflow.name == "doubling" && workflow.version == "3")
        #expect(workflow.taskName(of: .double) == "double", "a closure is called as its state")
        #expect(workflow.exitStates == [.done, .refused])
        try workflow.validate()
    }

    @Test("is resumed with its input, and answers then")
    func resumed() async throws {
        let (logs, store, isHealed) = (InMemoryCheckpointStore(), MemoryStore(), Counter())
        let runtime = WorkflowRuntime(checkpoints: logs)
        let workflow = workflow { _ in if isHealed.increment() == 1 { throw Hopeless() } }
        await #expect(throws: CanoError.self) { try await workflow.run(6, as: "r", store: store, in: runtime) }
        #expect(try await logs.rows(of: "r").map(\.version) == ["3"])
        #expect(try await workflow.resume("r", input: 6, store: store, in: runtime) == "6 twice is 12")
        await #expect(throws: CanoError.self) { try await workflow.resume("r", input: 6, in: runtime) }
    }

    @Test("is waited for and stopped by a handle, which outlives the task that began it")
    func handle() async throws {
        let clock = ManualClock()
        let runtime = WorkflowRuntime(clock: clock, checkpoints: InMemoryCheckpointStore())
        let workflow = workflow { context in try await context.sleep(for: .seconds(60)) }
        let beginning = Task { workflow.start(7, as: "r", in: runtime) }
        let run = await beginning.value
        beginning.cancel()
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 60_000_000_000))
        clock.advance(by: .seconds(60))
        #expect(try await run.output() == "7 twice is 14")
        #expect(try await run.exitState() == .done)
        run.stop()
        #expect(try await run.output() == "7 twice is 14", "a run that has ended has ended")

        let stopped = workflow.start(7, as: "s", in: runtime)
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 120_000_000_000))
        stopped.stop(.cancelled(reason: "enough"))
        stopped.stop(.cancelled(reason: "too late"))
        let error = await #expect(throws: CanoError.self) { try await stopped.output() }
        #expect(error?.category == .cancelled && error?.message.contains("enough") == true)

        let handedBack = workflow.startResuming("s", input: 7, in: runtime)
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 120_000_000_000))
        handedBack.stop(.handBack)
        let elsewhere = await #expect(throws: CanoError.self) { try await handedBack.exitState() }
        #expect(elsewhere?.code == "relinquished")
        let resumed = workflow.startResuming("s", input: 7, in: runtime)
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 120_000_000_000))
        clock.advance(by: .seconds(60))
        #expect(try await resumed.output() == "7 twice is 14")
    }

    @Test("answers its output to the code that triggers it, too")
    func scheduled() async throws {
        let scheduler = Scheduler(in: WorkflowRuntime(clock: ManualClock()))
        let flow = try scheduler.schedule(workflow(), Schedule(.manual)) { _ in 1 }
        #expect(flow.name == "doubling")
        let service = Task { try await scheduler.run() }
        try await scheduler.started()
        #expect(try await flow.trigger().output() == "1 twice is 2")
        #expect(try await flow.trigger(input: 9).output() == "9 twice is 18")
        try await scheduler.stop()
        try await service.value
    }

    @Test("may have states that are no enum, and a switch over them that forgets one does not validate")
    func listedStates() async throws {
        struct Floor: WorkflowState {
            typealias Output = Floor
            let label: String
            init(label: String) { self.label = label }
        }
        let floors = (0...3).map { Floor(label: "\($0)") }
        func climbing(_ states: [Floor]) -> Workflow<Floor> {
            Workflow("climb", startingAt: floors[0], states: states) { floor in
                floor == floors[3] ? .exit : .task { _ in floors[(Int(floor.label) ?? 0) + 1] }
            }
        }
        #expect(try await climbing(floors).run() == floors[3])
        let error = await #expect(throws: CanoError.self) { try await climbing([floors[0], floors[1], floors[3]]).run() }
        #expect(error?.state == "2" && error?.path == ["0", "1", "2"])
    }

    // MARK: Branches

    enum Sum: String, WorkflowState, CaseIterable {
        typealias Input = [Int]
        typealias Output = [String]
        case split, done
    }

    private func each(
        join: JoinConfig = JoinConfig(), _ branch: @escaping @Sendable (Int, TaskContext<Sum>) async throws -> String
    ) -> Workflow<Sum> {
        Workflow("each", startingAt: .split) { state in
            switch state {
            case .split:
                .each("number", config: .minimal, join: join) { context in
                    context.input
                } branch: { number, context in
                    try await branch(number, context)
                } reduce: { result, context in
                    try await context.store.put(result.outputs, for: "texts")
                    return .done
                }
            case .done: .exit { run in try await run.store.require("texts") }
            }
        }
    }

    @Test("runs a branch for each element of a list, and gets the outputs in the order of the list")
    func eachElement() async throws {
        let observer = RecordingObserver()
        let texts = try await each { number, context in "\(number) \(context.input.count)" }
            .run([5, 3, 4], in: WorkflowRuntime(observers: [observer]))
        #expect(texts == ["5 3", "3 3", "4 3"])
        #expect(observer.summary.filter { $0.hasPrefix("taskStarted") } == (0...2).map { "taskStarted split number[\($0)]" })
        #expect(try await each { _, _ in "" }.run([]) == [])
    }

    @Test("gives each branch an idempotency key of its own, the same for each of its attempts")
    func keys() async throws {
        let workflow = each { _, context in context.idempotencyKey }
        #expect(try await workflow.run([1, 1], as: "r") == ["r/split/1/0", "r/split/1/1"])
    }

    @Test("joins branches of a list as it joins any: a failure fails the run, a quorum is enough, one beyond the list is never met")
    func joins() async throws {
        @Sendable func odd(_ number: Int, _ context: TaskContext<Sum>) async throws -> String {
            guard !number.isMultiple(of: 2) else { throw Mishap() }
            return "\(number)"
        }
        let error = await #expect(throws: CanoError.self) { try await each(odd).run([1, 2, 3]) }
        #expect(error?.causes.first?.code == "mishap")
        #expect(try await each(join: JoinConfig(.quorum(2)), odd).run([1, 2, 3]) == ["1", "3"])
        await #expect(throws: CanoError.self) { try await each(join: JoinConfig(.quorum(4)), odd).run([1, 3]) }
        let shown = each(odd).graph().nodes.first
        #expect(shown?.kind == .split && shown?.branches == nil)
    }

    @Test("runs no branch when its list cannot be made")
    func noList() async throws {
        let workflow = Workflow<Sum>("each", startingAt: .split) { state in
            switch state {
            case .split:
                .each("number") { _ -> [Int] in
                    throw Mishap()
                } branch: { number, _ in
                    number
                } reduce: { _, _ in
                    .done
                }
            case .done: .exit { _ in [] }
            }
        }
        let error = await #expect(throws: CanoError.self) { try await workflow.run([1]) }
        #expect(error?.code == "mishap" && error?.state == "split")
    }

    @Test("runs branches of different types side by side")
    func differentBranches() async throws {
        struct Count: BranchTask {
            let name = "count"
            func run(_ context: TaskContext<Sum>) async throws -> String { "\(context.input.count)" }
        }
        let workflow = Workflow<Sum>("mixed", startingAt: .split) { state in
            switch state {
            case .split:
                .split([Branch(Count()), Branch("sum") { context in "\(context.input.reduce(0, +))" }]) { result, context in
                    try await context.store.put(result.outputs, for: "texts")
                    return .done
                }
            case .done: .exit { run in try await run.store.require("texts") }
            }
        }
        #expect(try await workflow.run([4, 5]) == ["2", "9"])
    }
}
