import CanoCore

/// The states of `support-agent`: the model thinks, perhaps has a tool called, and thinks again.
enum AgentStep: String, WorkflowState, CaseIterable {
    typealias Input = Question
    typealias Output = Answer
    case think, approve, decline, useTool, answered
}

/// Answers a customer's question with a model that may use the tools of the desk.
func supportAgent(at desk: Desk) -> Workflow<AgentStep> {
    Workflow("support-agent", startingAt: .think) { state in
        switch state {
        case .think: .task(Think(desk: desk), leadsTo: [.approve, .useTool, .answered])
        // Waits for a person, for a day at most: at no cost, whichever bridges come and go.
        case .approve:
            .wait(
                forFirst: [
                    Signal("approved", of: Verdict.self).map { ($0, true) }, Signal("declined", of: Verdict.self).map { ($0, false) },
                ], .within(.seconds(86_400), else: .decline), leadsTo: [.useTool, .decline, .approve]
            ) { verdict, context in
                // A word on another call, such as one that was given twice, counts for nothing.
                guard verdict.0.cents == (try await context.store.require(.call).cents) else { return .approve }
                context.logger.info("decided by \(verdict.0.by)")
                try await context.store(named: "approvals").remove(StoreKey<Reply.Call>.awaiting(context.runID))
                return verdict.1 ? .useTool : .decline
            }
        case .decline:
            .step(then: .think) { context in
                try await context.store(named: "approvals").remove(StoreKey<Reply.Call>.awaiting(context.runID))
                try await context.store.append(Message(role: .supervisor, text: "declined"), to: .conversation)
            }
        case .useTool:
            .step(then: .think) { context in
                let call = try await context.store.require(.call)
                // A refund that is asked for twice, after a crash, is paid once: the key is the same.
                let result = try await desk.use(call, key: context.idempotencyKey)
                try await context.store.append(Message(role: .tool, text: result), to: .conversation)
            }
        case .answered:
            .exit { run in
                Answer(answer: try await run.store.require(.answer), tokens: try await run.store.require(.tokens))
            }
        }
    }
}

/// Asks the model, and goes where its reply leads.
struct Think: RemoteTask {
    let desk: Desk

    var config: TaskConfig { TaskConfig(retry: .exponential(5), attemptTimeout: .seconds(120)) }

    /// The service behind it takes so many calls at a time, however many runs there are.
    func queue(_ context: TaskContext<AgentStep>) -> WorkerQueue { WorkerQueue("model", lease: .seconds(30), capacity: 4) }

    func request(_ context: TaskContext<AgentStep>) async throws -> [Message] {
        let (spent, budget) = (try await context.store.get(.tokens) ?? 0, context.input.budget ?? 1_000)
        guard spent < budget else { throw BudgetSpent(tokens: spent, budget: budget) }
        return [Message(role: .customer, text: context.input.question)] + (try await context.store.get(.conversation) ?? [])
    }

    func next(after reply: Reply, _ context: TaskContext<AgentStep>) async throws -> AgentStep {
        _ = try await context.store.increment(.tokens, by: reply.tokens)
        if let call = reply.call {
            try await context.store.put(call, for: .call)
            guard desk.needsApproval(call) else { return .useTool }
            // Where people look for what waits for them: a hash in Redis, written with the step that begins the wait, or not at all.
            try await context.store(named: "approvals").put(call, for: .awaiting(context.runID))
            return .approve
        }
        try await context.store.put(reply.say ?? "", for: .answer)
        return .answered
    }
}
