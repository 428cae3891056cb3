import CanoCore
import CanoTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct OtherStateTests {
    enum Number: Int, WorkflowState { case one = 1, two, end = 100 }

    struct Tenant: WorkflowState {
        let tenant: String
        let step: Int
        var label: String { "\(tenant)/\(step)" }

        init(_ tenant: String, _ step: Int) {
            self.tenant = tenant
            self.step = step
        }

        init?(label: String) {
            let parts = label.split(separator: "/")
            guard parts.count == 2, let step = Int(parts[1]) else { return nil }
            self.init(String(parts[0]), step)
        }
    }

    @Test("integers are states, also after a resume")
    func integers() async throws {
        let store = InMemoryCheckpointStore()
        let runtime = WorkflowRuntime(checkpoints: store)
        let task = FlakyTask<Number>(failing: 1, then: .end, config: .minimal)
        let workflow = Workflow<Number>().register(.one) { _ in .two }.register(.two, task).addExitState(.end)
        let error = await #expect(throws: CanoError.self) { try await workflow.orchestrate(from: .one, as: "r", in: runtime) }
        #expect(error?.path == ["1", "2"])
        #expect(try await workflow.orchestrate(resuming: "r", in: runtime) == .end)
        #expect(task.attempts == 2)
    }

    @Test("structs are states, also after a resume")
    func structs() async throws {
        let store = InMemoryCheckpointStore()
        let runtime = WorkflowRuntime(checkpoints: store)
        let task = FlakyTask(failing: 1, then: Tenant("a", 2), config: .minimal)
        let workflow = Workflow<Tenant>().register(Tenant("a", 1), task).addExitState(Tenant("a", 2))
        _ = try? await workflow.orchestrate(from: Tenant("a", 1), as: "r", in: runtime)
        #expect(try await workflow.orchestrate(resuming: "r", in: runtime) == Tenant("a", 2))
    }

    enum Phase: Int, WorkflowState, CaseIterable { case load = 1, check, ship, end }

    @Test("numbers are states of every kind of task, in rows, events, errors, validation and graphs")
    func numbersEverywhere() async throws {
        struct Route: RouterTask {
            func route(_ context: TaskContext<Phase>) async throws -> Phase { .check }
        }
        struct Steps: SteppedTask {
            func step(_ context: TaskContext<Phase>, from cursor: Int?) async throws -> StepOutcome<Int, Phase> {
                cursor == nil ? .more(1) : .done(.ship)
            }
        }
        let store = KeepingStore()
        let observer = RecordingObserver()
        let partial = Workflow<Phase>().register(.load, Route(), leadsTo: [.check]).register(.check, Steps())
        let missing = #expect(throws: CanoError.self) { try partial.addExitState(.end).validate() }
        #expect(missing?.causes.map(\.message) == ["state \"3\" is neither registered nor an exit state: do one of the two"])
        let task = FlakyTask<Phase>(failing: 1, then: .end, config: .minimal)
        let workflow = partial.registerSplit(.ship, branches: [Branch(task)], then: .end).addExitState(.end)
        let runtime = WorkflowRuntime(checkpoints: store, observers: [observer])
        let error = await #expect(throws: CanoError.self) { try await workflow.orchestrate(from: .load, as: "r", in: runtime) }
        #expect(error?.state == "3")
        #expect(error?.path == ["1", "2", "3"])
        #expect(store.appended.map(\.state) == ["2", "2", "3", "3"])
        #expect(try await workflow.orchestrate(resuming: "r", in: runtime) == .end)
        try observer.expectPath(["1", "2", "3", "4"])
        try observer.expectEntered(Phase.allCases)
        #expect(workflow.graph().nodes.map(\.label) == ["1", "2", "3", "4"])
        #expect(workflow.graph().edges.map { "\($0.from) → \($0.to)" } == ["1 → 2", "3 → 4"])
    }

    @Test("structs declare where they lead, and one that was not declared is an error with its label")
    func undeclaredStruct() async throws {
        let workflow = Workflow<Tenant>()
            .register(Tenant("a", 1), leadsTo: [Tenant("a", 2)]) { _ in Tenant("b", 2) }
            .addExitStates([Tenant("a", 2), Tenant("b", 2)])
        let error = await #expect(throws: CanoError.self) { try await workflow.orchestrate(from: Tenant("a", 1)) }
        #expect(error?.code == "undeclared_transition")
        #expect(error?.message.contains("\"b/2\"") == true)
    }
}
