/// A child run to start: of which workflow, and with which input.
public struct ChildStart<Input: Encodable & Sendable, Output: Decodable & Sendable>: Sendable {
    /// The child's workflow.
    public let workflow: ChildWorkflow<Input, Output>
    /// What the child is started with.
    public let input: Input

    /// Creates one.
    public init(_ workflow: ChildWorkflow<Input, Output>, _ input: Input) {
        self.workflow = workflow
        self.input = input
    }
}
