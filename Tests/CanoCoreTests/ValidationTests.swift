import CanoCore
import CanoTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct ValidationTests {
    enum Full: String, WorkflowState, CaseIterable { case one, two, three }
    struct Noop: BranchTask {
        func run(_ context: TaskContext<Step>) async throws {}
    }

    func problems(_ workflow: Workflow<some WorkflowState>) -> [String] {
        do {
            try workflow.validate()
            return []
        } catch {
            return error.causes.map(\.message)
        }
    }

    @Test("every problem says what to do about it")
    func instructions() {
        struct Needy: BranchTask {
            var requirements: [ResourceRequirement] { [ResourceKey<Int>("number").required] }
            func run(_ context: TaskContext<Step>) async throws {}
        }
        func split(_ join: JoinConfig) -> [String] {
            problems(Workflow<Step>().registerSplit(.first, branches: [Noop(), Noop()], join: join, then: .done).addExitState(.done))
        }
        #expect(
            problems(Workflow<Step>()) == ["no state has a task: register one", "there is no exit state: add one, or no run can end"])
        #expect(
            problems(Workflow<Full>().register(.one) { _ in .two }.addExitState(.two))
                == ["state \"three\" is neither registered nor an exit state: do one of the two"])
        #expect(
            problems(
                Workflow<Step>(resources: Resources().inserting(1, for: "a").inserting(2, for: "a"))
                    .registerSplit(.first, branches: [Needy()], then: .third)
                    .register(.second, leadsTo: [.third]) { _ in .done }.addExitState(.done)
            ) == [
                "state \"first\" requires resource \"number\", which is missing: insert it",
                "state \"first\" leads to \"third\", which is neither registered nor an exit state: do one of the two",
                "state \"second\" leads to \"third\", which is neither registered nor an exit state: do one of the two",
                "two resources were inserted as \"a\": give one of them another key",
            ])
        #expect(
            problems(Workflow<Step>().registerSplit(.first, branches: [Noop](), join: JoinConfig(.any), then: .done).addExitState(.done))
                == ["the split in state \"first\" has no branches: give it one"])
        let place = "the split in state \"first\" "
        #expect(
            split(JoinConfig(.quorum(3), timeout: .zero, bulkhead: 0)) == [
                place + "has a bulkhead of 0: let at least one branch run",
                place + "has a timeout of 0.0 seconds, over before it begins: give it more, or none",
                place + "joins with 3 of 2 branches: ask for a number from 1 to 2",
            ])
        #expect(split(JoinConfig(.partialResults(3))) == [place + "joins with 3 of 2 branches: ask for a number from 0 to 2"])
        #expect(split(JoinConfig(.percentage(.infinity))) == [place + "joins at a share of inf: give it one above 0 and at most 1"])
        #expect(split(JoinConfig(.partialTimeout)) == [place + "joins with what is there at its timeout and has none: give it one"])
    }

    @Test("a required resource that is missing, or of another type, is found before anything runs")
    func requirements() {
        struct Needy: WorkflowTask {
            var requirements: [ResourceRequirement] { [ResourceKey<Int>("number").required] }
            func run(_ context: TaskContext<Step>) async throws -> Step { .done }
        }
        func count(_ resources: Resources) -> Int {
            problems(Workflow<Step>(resources: resources).register(.first, Needy()).addExitState(.done)).count
        }
        #expect(count(Resources()) == 1)
        #expect(count(Resources().inserting("text", for: "number")) == 1)
        #expect(count(Resources().inserting(5, for: "number")) == 0)
        #expect(count(Resources().insertingPerRun(for: ResourceKey<Int>("number")) { _ in 5 }) == 0)
        #expect(count(Resources().insertingPerRun(for: ResourceKey<String>("number")) { _ in "" }) == 1)
    }

    @Test("states whose labels do not lead back to them are found")
    func labels() {
        struct Vague: WorkflowState {
            let number: Int
            var label: String { "same" }
            init(_ number: Int) { self.number = number }
            init?(label: String) { self.init(0) }
        }
        let workflow = Workflow<Vague>().register(Vague(0)) { _ in Vague(1) }.addExitState(Vague(1))
        #expect(problems(workflow).count == 1)
    }

    @Test("a transition that was not declared is an error of the run")
    func undeclared() async throws {
        let workflow = Workflow<Step>()
            .register(.first, leadsTo: [.second]) { _ in .done }
            .register(.second, leadsTo: [.done]) { _ in .done }
            .addExitState(.done)
        #expect(try await workflow.orchestrate(from: .second) == .done)
        let error = await #expect(throws: CanoError.self) { try await workflow.orchestrate(from: .first) }
        #expect(error?.code == "undeclared_transition")
        #expect(error?.state == "first")
        #expect(problems(workflow.register(.first, leadsTo: [.third]) { _ in .done }).count == 1)
    }

    @Test("a graph shows states, tasks, kinds and declared transitions")
    func graph() {
        struct Decide: RouterTask {
            func route(_ context: TaskContext<Step>) async throws -> Step { .second }
        }
        let graph = Workflow<Step>()
            .register(.first, Decide(), leadsTo: [.second, .done])
            .registerSplit(.second, branches: [Noop(), Noop()], then: .done)
            .addExitState(.done)
            .graph()
        #expect(
            graph.mermaid == """
                flowchart TD
                    s0{"first<br/>Decide"}
                    s1[["second<br/>2 branches"]]
                    s2(["done"])
                    s0 --> s2
                    s0 --> s1
                    s1 --> s2

                """)
        #expect(
            graph.dot == """
                digraph workflow {
                    "first" [shape=diamond, label="first\\nDecide"];
                    "second" [shape=box, label="second\\n2 branches"];
                    "done" [shape=doublecircle, label="done"];
                    "first" -> "done";
                    "first" -> "second";
                    "second" -> "done";
                }

                """)
        #expect(graph.start == nil)
    }

    @Test("a graph tells what waits, what workers and children do, and what is undone, from what runs begin in")
    func kinds() {
        let workflow = Workflow<Step>("kinds", startingAt: .first, states: [.first, .second, .third, .done]) { state in
            switch state {
            case .first: .wait(for: Signal<Void>("go"), .forever, then: .second)
            case .second: .remote(queue: "q", then: .third) { _ in 1 }
            case .third:
                .sagaStep("book", leadsTo: [.done]) { _ in
                    (.done, 1)
                } undo: { _, _ in
                }
            default: .exit
            }
        }
        let graph = workflow.graph()
        #expect(graph.start == "first")
        #expect(graph.nodes.prefix(3).map(\.kind) == [.wait, .remote, .task] && graph.nodes.dropFirst(3).allSatisfy { $0.kind == .exit })
        #expect(graph.nodes.map(\.isUndoable).prefix(4) == [false, false, true, false])
        let child = Workflow<Step>("parent", startingAt: .first, states: [.first, .done]) { state in
            switch state {
            case .first: .child(of: ChildWorkflow("other", taking: Int.self, giving: Int.self), then: .done) { _ in 1 }
            default: .exit
            }
        }
        #expect(child.graph().nodes.first?.kind == .child)
    }

    @Test("a drawing shows what stands in labels as text, whatever that is")
    func escaping() {
        let graph = WorkflowGraph(
            start: nil, nodes: [.init(label: "a\"<b>&#1`\n", task: "c\\", kind: .wait), .init(label: "d", kind: .child)],
            edges: [.init(from: "d", to: "a\"<b>&#1`\n"), .init(from: "d", to: "nowhere")])
        #expect(
            graph.mermaid == """
                flowchart TD
                    s0{{"a#quot;#lt;b#gt;#amp;#35;1#96; <br/>c\\"}}
                    s1[/"d"/]
                    s1 --> s0

                """)
    }
}
