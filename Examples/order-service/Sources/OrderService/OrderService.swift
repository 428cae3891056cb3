import CanoBridge
import CanoCLI

/// A bridge with the workflow `order`: `serve`, `start` and `events` come with ``BridgeApplication``.
@main
struct OrderService: BridgeApplication {
    static let commandName = "order-service"

    static func configure(_ host: inout BridgeHost, _ options: NoOptions) async throws {
        try host.registry.register(ordering(prices: .thisSeason))
    }
}
