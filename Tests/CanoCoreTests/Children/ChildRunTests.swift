import CanoCore
import CanoPrimitives
import CanoTesting
import Testing

/// Children that run in the process of their parents.
@Suite(.timeLimit(.minutes(5))) struct ChildRunTests {
    private let clock = ManualClock()
    private let booked = Journal<String>()
    private var runtime: WorkflowRuntime { WorkflowRuntime(clock: clock) }

    @Test("a child is a run of its own under an id made of its parent's, and its output is handed on as a value of its type")
    func output() async throws {
        let children = Children()
        #expect(try await children.parent().run(as: "p", in: runtime) == [42])
        #expect(children.doubled.entries == ["p//2"])
        #expect(children.undone.entries.isEmpty)
    }

    @Test("a split has a child in each of its branches, and their outputs are in the order of the list")
    func split() async throws {
        let children = Children()
        #expect(try await children.parent(ofEach: Array(1...30)).run(as: "p", in: runtime) == (1...30).map { $0 * 2 })
        #expect(Set(children.doubled.entries) == Set((0..<30).map { "p//1.\($0)" }))
    }

    @Test("a child may have children, whose ids tell where they come from")
    func grandchildren() async throws {
        let children = Children()
        let middle = children.parent()
        let top = Workflow<ParentStep>("top", startingAt: .first) { state in
            switch state {
            case .first: .child(of: ChildWorkflow(middle), then: .second) { _ in NoValue() }
            case .second: .exit(taking: [Int].self) { numbers, _ in numbers }
            case .done: .exit { _ in [] }
            }
        }
        #expect(try await top.run(as: "p", in: runtime) == [42])
        #expect(children.doubled.entries == ["p//1//2"])
    }

    @Test("a child that fails is undone, and fails its parent, which is undone too and has the child's code and its error as the cause")
    func failure() async throws {
        var children = Children()
        children.work = { _ in throw Mishap(code: "mislaid") }
        let (parent, runtime) = (children.parent(undoing: booked), runtime)
        let error = await caught { try await parent.run(as: "p", in: runtime) }
        #expect(error?.code == "mislaid")
        #expect(error?.category == .taskExecution)
        #expect(error?.state == "second" && error?.task == "call" && error?.attempt == 1)
        #expect(error?.causes.first?.state == "double")
        #expect(error?.causes.first?.code == "mislaid")
        #expect(error?.message.contains("\"p//2\" of the workflow \"child\"") == true, "\(error?.message ?? "")")
        #expect(children.undone.entries == ["p//2"])
        #expect(booked.entries == ["p"])
    }

    @Test("another attempt is another child, and only where the task says that there is one")
    func attempts() async throws {
        var children = Children()
        children.work = { context in if context.runID == "p//2" { throw Mishap() } }
        let (parent, runtime) = (children.parent(TaskConfig(retry: .fixed(retries: 1, delay: .seconds(5)))), runtime)
        #expect(try await clock.skippingWaits { try await parent.run(as: "p", in: runtime) } == [42])
        #expect(children.taken.entries == ["p//2", "p//2:2"])
        #expect(children.undone.entries == ["p//2"])
    }

    @Test("no other child is started after one that was cancelled")
    func cancelledChild() async throws {
        var children = Children()
        children.work = { _ in throw CanoError(.cancelled, "enough", code: "enough") }
        let (parent, runtime) = (children.parent(TaskConfig(retry: .fixed(retries: 5, delay: .zero))), runtime)
        let error = await caught { try await parent.run(as: "p", in: runtime) }
        #expect(error?.category == .cancelled)
        #expect(error?.causes.first?.code == "enough")
        #expect(children.taken.entries == ["p//2"])
    }

    @Test("a child whose own time is over fails its parent with what it failed with")
    func timeout() async throws {
        var children = Children()
        children.work = { _ in try await untilCancelled() }
        let (parent, runtime) = (children.parent(child: ChildRunConfig(timeout: .seconds(30))), runtime)
        let error = await caught { try await clock.skippingWaits { try await parent.run(as: "p", in: runtime) } }
        #expect(error?.code == "workflow_timeout")
        #expect(error?.causes.first?.category == .workflowTimeout)
        #expect(children.undone.entries == ["p//2"])
    }

    @Test("a parent that is cancelled cancels the child it waits for, which is undone")
    func cancelled() async throws {
        let begun = Gate()
        var children = Children()
        children.work = { _ in
            begun.open()
            try await untilCancelled()
        }
        let run = children.parent(undoing: booked).start(as: "p", in: runtime)
        await begun.pass()
        run.stop()
        #expect(await caught { try await run.output() }?.category == .cancelled)
        #expect(booked.entries == ["p"])
        try await eventually { children.undone.entries == ["p//2"] }
    }

    @Test("a child that is to be left goes on when its parent is cancelled")
    func left() async throws {
        let (begun, gate) = (Gate(), Gate())
        var children = Children()
        children.work = { _ in
            begun.open()
            await gate.pass()
        }
        let run = children.parent(child: ChildRunConfig(closePolicy: .leave)).start(as: "p", in: runtime)
        await begun.pass()
        run.stop()
        #expect(await caught { try await run.output() }?.category == .cancelled)
        gate.open()
        try await eventually { children.doubled.entries == ["p//2"] }
        #expect(children.undone.entries.isEmpty)
    }

    @Test("a split that has enough cancels the children that it needs no more")
    func decided() async throws {
        var children = Children()
        children.work = { context in if context.input > 1 { try await untilCancelled() } }
        #expect(try await children.parent(ofEach: [1, 2, 3], join: JoinConfig(.any)).run(as: "p", in: runtime) == [2])
        #expect(children.doubled.entries == ["p//1.0"])
        try await eventually { Set(children.undone.entries).isSuperset(of: children.taken.entries.filter { $0 != "p//1.0" }) }
    }

    @Test("a parent that is resumed goes on with its child where that was")
    func resumed() async throws {
        let store = InMemoryCheckpointStore()
        let (begun, gate) = (Gate(), Gate())
        var children = Children()
        children.work = { _ in
            begun.open()
            if !gate.isOpen { try await untilCancelled() }
        }
        let (own, child) = (MemoryStore(), MemoryStore())
        let parent = children.parent(of: ChildWorkflow(children.workflow) { _ in child })
        let runtime = WorkflowRuntime(clock: clock, checkpoints: store)
        let run = parent.start(as: "p", store: own, in: runtime)
        await begun.pass()
        run.stop(.handBack)
        #expect(await caught { try await run.output() }?.code == "relinquished")
        #expect(try await store.rows(of: "p//2").map(\.kind) == [.compensationCompletion, .stateEntry])
        gate.open()
        #expect(try await parent.resume("p", input: (), store: own, in: runtime) == [42])
        #expect(children.taken.entries == ["p//2"])
        #expect(children.undone.entries.isEmpty)
        #expect(try await store.rows(of: "p//2").isEmpty)
    }

    @Test("a workflow that is only named is none that can run here")
    func named() async throws {
        let (parent, runtime) = (Children().parent(of: ChildWorkflow("child", taking: Int.self, giving: Int.self)), runtime)
        let error = await caught { try await parent.run(as: "p", in: runtime) }
        #expect(error?.category == .configuration)
        #expect(error?.code == "unknown_workflow")
    }

    @Test("a name that no workflow can have fails the parent before anything is started")
    func badName() async throws {
        let (parent, runtime) = (Children().parent(of: ChildWorkflow("a b", taking: Int.self, giving: Int.self)), runtime)
        #expect(await caught { try await parent.run(as: "p", in: runtime) }?.category == .configuration)
    }

    private struct Call: ChildRunTask {
        let children: Children
        var child: ChildWorkflow<Int, Int> { ChildWorkflow(children.workflow) }

        func input(_ context: TaskContext<ParentStep>) async throws -> Int { 4 }

        func next(after output: Int, _ context: TaskContext<ParentStep>) async throws -> ParentStep {
            try await context.store.put([output], for: .outputs)
            return output > 7 ? .done : .second
        }
    }

    @Test("a task of its own decides by the child's output, in a state and in a branch")
    func task() async throws {
        let children = Children()
        let alone = Workflow<ParentStep>("parent", startingAt: .first) { state in
            switch state {
            case .first: .task(Call(children: children), leadsTo: [.second, .done])
            case .second: .exit { _ in [] }
            case .done: .exit { run in try await run.store.require(.outputs) }
            }
        }
        #expect(try await alone.run(as: "p", in: runtime) == [8])
        let forked = Workflow<ParentStep>("parent", startingAt: .first) { state in
            switch state {
            case .first:
                .split([Branch(child: Call(children: children)), Branch("near") { _ in 1 }]) { result, context in
                    try await context.store.put(result.outputs, for: .outputs)
                    return .done
                }
            case .second: .exit { _ in [] }
            case .done: .exit { run in try await run.store.require(.outputs) }
            }
        }
        #expect(try await forked.run(as: "q", in: runtime) == [8, 1])
        #expect(children.doubled.entries == ["p//1", "q//1.0"])
    }
}
