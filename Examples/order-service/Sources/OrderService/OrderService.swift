import CanoBridge
import CanoCLI

/// A bridge with the workflow `invoice`: `serve`, `start` and `events` come with ``BridgeApplication``.
@main
struct OrderService: BridgeApplication {
    static let commandName = "order-service"

    static func register(in registry: inout WorkflowRegistry, _ options: NoOptions) throws {
        try registry.register(
            invoicing(prices: .thisSeason), as: "invoice", version: "1", startingAt: .price, input: Order.self
        ) { result in
            try await result.store.get(.invoice)
        }
    }
}
