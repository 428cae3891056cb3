import CanoPrimitives

/// Work that a child run does: each attempt asks for one, waits for its end, and goes on with its output.
extension VisitWork {
    /// - Parameters:
    ///   - config: How the child is treated.
    ///   - retry: How often it is attempted.
    ///   - start: Answers which child is started. Has no effects.
    ///   - ended: Goes on with what the child came to.
    init<Input: Encodable & Sendable, Output: Decodable & Sendable>(
        childTreatedAs config: ChildRunConfig, _ retry: RetryMode,
        start: @escaping @concurrent @Sendable (AttemptContext) async throws -> ChildStart<Input, Output>,
        ended: @escaping @concurrent @Sendable (Output, AttemptContext) async throws -> Value
    ) {
        self.init(
            request: { context in
                let start = try await start(context)
                return try WorkRequest(
                    child: start.workflow, config, retry, input: try Payload.encode(start.input), context)
            }, answerer: .child,
            answered: { (output: Output, _, context) in try await ended(output, context) })
    }
}

extension WorkRequest {
    fileprivate init<Input, Output>(
        child workflow: ChildWorkflow<Input, Output>, _ config: ChildRunConfig, _ retry: RetryMode, input: [UInt8],
        _ context: AttemptContext
    ) throws(CanoError) {
        let run = context.scope.run
        guard Name.isValid(workflow.name) else {
            throw CanoError(
                .configuration, "\"\(workflow.name)\" is no name of a workflow for a child, which has \(Name.rule)", isRetryable: false)
        }
        guard run.handsOut || workflow.runHere != nil else {
            throw CanoError(
                .configuration,
                """
                nothing here runs a child of a workflow that is only named: give the task the workflow "\(workflow.name)" itself, or run its \
                parent on a bus
                """, code: "unknown_workflow", isRetryable: false)
        }
        try self.init(on: "", retry, input: input, context)
        let id = ChildRequest.id(of: run.id, visit: context.visit, branch: context.node.branch, attempt: context.attempt)
        var child = ChildRequest(run: id, workflow: workflow.name, version: workflow.version, config: config)
        if let runHere = workflow.runHere, !run.handsOut {
            child.execution.run = { [child] in try await runHere(child, input, run) }
        }
        self.child = child
    }
}
