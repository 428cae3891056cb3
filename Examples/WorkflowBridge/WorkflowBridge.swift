import CanoBridge
import CanoCLI
import ExampleWorkflows

/// A bridge with the three workflows, around a model and a shop that stand in for real ones.
@main
struct WorkflowBridge: BridgeApplication {
    static let commandName = "workflow-bridge"

    static func configure(_ host: inout BridgeHost, _ options: NoOptions) async throws {
        try host.registry.register(salesImport)
        try host.registry.register(agent(Calculator(), tools: ["add": add]))
        try host.registry.register(payment(through: CornerShop()))
    }
}

/// Asks for the sum of the numbers in the question and answers with it.
struct Calculator: Model {
    func reply(to messages: [String]) async throws -> Reply {
        guard let result = messages.last?.split(separator: " = ").last, messages.count > 1 else {
            return .call(tool: "add", argument: messages[0].filter { $0.isNumber || $0 == " " })
        }
        return .answer("It is \(result).")
    }
}

@Sendable func add(_ numbers: String) async throws -> String {
    String(numbers.split(separator: " ").compactMap { Int($0) }.reduce(0, +))
}

/// Has everything, and cannot ship glass.
struct CornerShop: Shop {
    struct NoCarrier: Error {}

    func reserve(_ article: String, key: String) async throws -> String { "reservation of \(article)" }
    func release(_ reservation: String, key: String) async throws {}
    func charge(_ cents: Int, key: String) async throws -> String { "payment of \(cents)" }
    func refund(_ payment: String, key: String) async throws {}
    func ship(_ article: String, key: String) async throws -> String {
        guard article != "glass" else { throw NoCarrier() }
        return "parcel with \(article)"
    }
}
