import CanoCore

/// The states of `agent`: the model thinks, perhaps uses a tool, and thinks again.
package enum AgentStep: String, WorkflowState, CaseIterable {
    package typealias Input = String
    package typealias Output = String
    case think, useTool, answered
}

/// What a model wants next.
package enum Reply: Codable, Sendable {
    case call(tool: String, argument: String)
    case answer(String)
}

/// A language model, given all that was said so far.
package protocol Model: Sendable {
    func reply(to messages: [String]) async throws -> Reply
}

/// The model has asked for more than the run may spend.
package struct BudgetSpent: TerminalError, CodedError {
    package var code: String { "budget_spent" }
}

extension StoreKey<[String]> { static var messages: Self { "messages" } }
extension StoreKey<Reply> { static var reply: Self { "reply" } }

/// Answers a question with a model that may use tools, within a budget of calls to it.
package func agent(
    _ model: some Model, tools: [String: @Sendable (String) async throws -> String], budget: Int = 8
) -> Workflow<AgentStep> {
    Workflow("agent", startingAt: .think) { state in
        switch state {
        case .think:
            .task(config: TaskConfig(retry: .exponential(5), attemptTimeout: .seconds(60)), leadsTo: [.useTool, .answered]) { context in
                guard context.visit < 2 * budget else { throw BudgetSpent() }
                let messages = [context.input] + (try await context.store.get(.messages) ?? [])
                let reply = try await model.reply(to: messages)
                try await context.store.put(reply, for: .reply)
                if case .call = reply { return .useTool }
                return .answered
            }
        case .useTool:
            .task(leadsTo: [.think]) { context in
                guard case .call(let name, let argument) = try await context.store.require(.reply) else { return .think }
                let result = try await tools[name]?(argument) ?? "there is no tool \(name)"
                try await context.store.append("\(name)(\(argument)) = \(result)", to: .messages)
                return .think
            }
        case .answered:
            .exit { run in
                guard case .answer(let text) = try await run.store.require(.reply) else { throw BudgetSpent() }
                return text
            }
        }
    }
}
