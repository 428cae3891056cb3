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

    var isCall: Bool { if case .call = self { true } else { false } }
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

/// Answers a question with a model that may use tools, within a budget of calls to it.
package func agent(
    _ model: some Model, tools: [String: @Sendable (String) async throws -> String], budget: Int = 8
) -> Workflow<AgentStep> {
    Workflow("agent", startingAt: .think) { state in
        switch state {
        case .think:
            .decision(
                config: TaskConfig(retry: .exponential(5), attemptTimeout: .seconds(60)), if: \.isCall, then: .useTool, else: .answered
            ) { context in
                guard context.visit < 2 * budget else { throw BudgetSpent() }
                return try await model.reply(to: [context.input] + (try await context.store.get(.messages) ?? []))
            }
        case .useTool:
            .step(taking: Reply.self, then: .think) { reply, context in
                guard case .call(let name, let argument) = reply else { return }
                let result = try await tools[name]?(argument) ?? "there is no tool \(name)"
                try await context.store.append("\(name)(\(argument)) = \(result)", to: .messages)
            }
        case .answered:
            .exit(taking: Reply.self) { reply, _ in
                guard case .answer(let text) = reply else { throw BudgetSpent() }
                return text
            }
        }
    }
}
