public import CanoCore

// What a client needs to know of a workflow, taken from the workflow itself. Any version may run what is started: this
// program's need not be the bridges'.

extension Workflow where State.Input: Encodable, State.Output: Decodable {
    /// What a client starts this workflow by. Any version may run it.
    public var reference: WorkflowReference<State.Input, State.Output> { WorkflowReference(name) }
}

extension Workflow where State.Input: Encodable, State.Output == Void {
    /// What a client starts this workflow by. Any version may run it.
    public var reference: WorkflowReference<State.Input, State.Output> { WorkflowReference(name) }
}

extension Workflow where State.Input == Void, State.Output: Decodable {
    /// What a client starts this workflow by. Any version may run it.
    public var reference: WorkflowReference<State.Input, State.Output> { WorkflowReference(name) }
}

extension Workflow where State.Input == Void, State.Output == Void {
    /// What a client starts this workflow by. Any version may run it.
    public var reference: WorkflowReference<State.Input, State.Output> { WorkflowReference(name) }
}
