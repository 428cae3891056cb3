import CanoCore

/// The states of a child: it takes something, which is undone when it fails, and doubles its input.
enum ChildStep: String, WorkflowState, CaseIterable {
    typealias Input = Int
    typealias Output = Int
    case take, double, done
}

/// The states of a parent.
enum ParentStep: String, WorkflowState, CaseIterable {
    typealias Output = [Int]
    case first, second, done
}

extension StoreKey<[Int]> {
    static var outputs: Self { "outputs" }
}

/// What the children of a test do, and what was seen of it.
struct Children: Sendable {
    let taken = Journal<String>()
    let undone = Journal<String>()
    let doubled = Journal<String>()
    /// What happens in a child before it doubles.
    var work: @Sendable (TaskContext<ChildStep>) async throws -> Void = { _ in }

    var workflow: Workflow<ChildStep> {
        Workflow("child", startingAt: .take) { [self] state in
            switch state {
            case .take:
                .sagaStep("take", config: .minimal, then: .double) { context in
                    taken.add("\(context.runID)")
                    return context.input
                } undo: { context, _ in
                    undone.add("\(context.runID)")
                }
            case .double:
                .step("double", config: .minimal, taking: Int.self, then: .done) { number, context in
                    try await work(context)
                    doubled.add("\(context.runID)")
                    return number * 2
                }
            case .done: .exit(taking: Int.self) { number, _ in number }
            }
        }
    }

    /// A parent with one child, in its second state, after a first one that is undone.
    func parent(
        _ config: TaskConfig = .minimal, child: ChildRunConfig = ChildRunConfig(), of workflow: ChildWorkflow<Int, Int>? = nil,
        undoing journal: Journal<String> = Journal()
    ) -> Workflow<ParentStep> {
        let workflow = workflow ?? ChildWorkflow(self.workflow)
        return Workflow("parent", startingAt: .first) { state in
            switch state {
            case .first:
                .sagaStep("book", config: .minimal, then: .second) { _ in
                    21
                } undo: { context, _ in
                    journal.add("\(context.runID)")
                }
            case .second: .child("call", of: workflow, config: config, childConfig: child, taking: Int.self, then: .done)
            case .done: .exit(taking: Int.self) { number, _ in [number] }
            }
        }
    }

    /// A parent with as many children at the same time, as a split.
    func parent(
        ofEach inputs: [Int], join: JoinConfig = JoinConfig(), of workflow: ChildWorkflow<Int, Int>? = nil
    ) -> Workflow<ParentStep> {
        let workflow = workflow ?? ChildWorkflow(self.workflow)
        return Workflow("parent", startingAt: .first) { state in
            switch state {
            case .first:
                .eachChild("call", join: join, leadsTo: [.done]) { _ in
                    inputs.map { ChildStart(workflow, $0) }
                } reduce: { result, context in
                    try await context.store.put(result.outputs, for: .outputs)
                    return .done
                }
            case .second: .exit { _ in [] }
            case .done: .exit { run in try await run.store.require(.outputs) }
            }
        }
    }
}
