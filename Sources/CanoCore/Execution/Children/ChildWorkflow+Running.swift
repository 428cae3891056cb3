import CanoPrimitives

/// Children whose workflow is given as a value: they also run in the process of their parent.
extension ChildWorkflow {
    /// A workflow with an input and an output.
    ///
    /// - Parameters:
    ///   - workflow: The workflow.
    ///   - store: Answers the store of a child that runs in its parent's process. `nil` for one in memory that ends with the child: one that is
    ///     to be resumed in another process, and reads there what it has stored or handed on, is given another.
    public init<State: WorkflowState>(_ workflow: Workflow<State>, store: (@Sendable (RunID) -> any RunStore)? = nil)
    where State.Input == Input, State.Output == Output, Input: Decodable, Output: Encodable {
        self.init(
            workflow, store, input: { bytes throws(CanoError) in try Payload.decode(Input.self, from: bytes) },
            output: { output throws(CanoError) in try Payload.encode(output) })
    }

    /// A workflow with an input, and without an output.
    public init<State: WorkflowState>(_ workflow: Workflow<State>, store: (@Sendable (RunID) -> any RunStore)? = nil)
    where State.Input == Input, State.Output == Void, Input: Decodable, Output == NoValue {
        self.init(
            workflow, store, input: { bytes throws(CanoError) in try Payload.decode(Input.self, from: bytes) },
            output: { _ throws(CanoError) in Array("null".utf8) })
    }

    /// A workflow without an input, and with an output.
    public init<State: WorkflowState>(_ workflow: Workflow<State>, store: (@Sendable (RunID) -> any RunStore)? = nil)
    where State.Input == Void, State.Output == Output, Input == NoValue, Output: Encodable {
        self.init(workflow, store, input: { _ throws(CanoError) in }, output: { output throws(CanoError) in try Payload.encode(output) })
    }

    /// A workflow without an input and an output.
    public init<State: WorkflowState>(_ workflow: Workflow<State>, store: (@Sendable (RunID) -> any RunStore)? = nil)
    where State.Input == Void, State.Output == Void, Input == NoValue, Output == NoValue {
        self.init(workflow, store, input: { _ throws(CanoError) in }, output: { _ throws(CanoError) in Array("null".utf8) })
    }

    private init<State: WorkflowState>(
        _ workflow: Workflow<State>, _ store: (@Sendable (RunID) -> any RunStore)?,
        input: @escaping @Sendable ([UInt8]) throws(CanoError) -> State.Input,
        output: @escaping @Sendable (State.Output) throws(CanoError) -> [UInt8]
    ) {
        self.init(workflow.name, workflow.version) { child, json, parent in
            try output(try await workflow.runAsChild(child, try input(json), store?(child.run), of: parent))
        }
    }
}

extension Workflow {
    /// Runs a child in the process of its parent. Where its log is there, it goes on from that.
    ///
    /// - Throws: What the child failed with.
    fileprivate func runAsChild(_ child: ChildRequest, _ input: State.Input, _ store: (any RunStore)?, of parent: RunScope) async throws
        -> State.Output
    {
        var runtime = parent.runtime
        // This sets the log, too: one that is the parent's alone, as a host's is, is none for the child.
        runtime.checkpoints = parent.runtime.checkpoints
        let rows = try await runtime.checkpoints?.rows(of: child.run) ?? []
        // A store that knows owners has made the child this process's, and refuses to do so twice.
        if !rows.isEmpty { await runtime.checkpoints?.release(child.run) }
        let handle =
            rows.isEmpty
            ? start(input, as: child.run, store: store, timeout: child.config.timeout, in: runtime)
            : startResuming(child.run, input: input, store: store, timeout: child.config.timeout, in: runtime)
        return try await withTaskCancellationHandler {
            try await handle.output()
        } onCancel: {
            if parent.handoffReason != nil {
                handle.stop(.handBack)
            } else if child.config.closePolicy == .cancel {
                handle.stop(.cancelled(reason: "its parent needs it no more"))
            }
        }
    }
}
