import CanoBridge
import CanoCLI

/// A bridge with the workflow `support-agent`. The model is a worker of the queue `model`: here `model.py`, which stands in for one.
@main
struct SupportAgent: BridgeApplication {
    static let commandName = "support-agent"

    static func configure(_ host: inout BridgeHost, _ options: NoOptions) async throws {
        try host.registry.register(supportAgent(at: Desk()))
    }
}
