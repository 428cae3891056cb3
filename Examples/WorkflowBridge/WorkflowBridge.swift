import CanoBridge
import CanoCLI
import ExampleWorkflows

/// A bridge with the three workflows, around a model and a shop that stand in for real ones.
@main
struct WorkflowBridge: BridgeApplication {
    static let commandName = "workflow-bridge"

    static func configure(_ host: inout BridgeHost, _ options: NoOptions) async throws {
        try host.registry.register(salesImport)
        try host.registry.register(agent(Calculator(), tools: ["add": Calculator.add]))
        try host.registry.register(payment(through: CornerShop()))
    }
}
