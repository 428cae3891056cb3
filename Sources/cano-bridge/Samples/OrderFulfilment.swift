import CanoBridge
import CanoCore

/// An order on its way: each state leaves a receipt, takes as long as it is told to, and fails where it is told to.
enum OrderFulfilment {
    enum Step: String, WorkflowState, CaseIterable {
        case reserve, charge, ship, shipped

        /// The state that follows; the last follows itself.
        var next: Step {
            switch self {
            case .reserve: .charge
            case .charge: .ship
            case .ship, .shipped: .shipped
            }
        }
    }

    struct Order: Codable, Sendable {
        let sku: String
        let quantity: Int
        let failAt: String?
        let delayMilliseconds: Int?

        enum CodingKeys: String, CodingKey {
            case sku, quantity
            case failAt = "fail_at"
            case delayMilliseconds = "delay_ms"
        }
    }

    struct Result: Codable, Sendable {
        let sku: String
        let quantity: Int
        let receipts: [String]
    }

    /// A failure that no further attempt can cure.
    struct Refused: TerminalError, CodedError, CustomStringConvertible {
        let state: String
        var code: String { "refused" }
        var description: String { "\(state) was refused, as the order asked for" }
    }

    struct Handle: WorkflowTask {
        let step: Step
        var name: String { "\(step.label)-order" }

        func run(_ context: TaskContext) async throws -> Step {
            let order = try context.input(Order.self)
            if let delay = order.delayMilliseconds { try await context.sleep(for: .milliseconds(delay)) }
            guard order.failAt != step.label else { throw Refused(state: step.label) }
            try await context.store.append("\(step.label):\(order.sku)x\(order.quantity)", to: .receipts)
            return step.next
        }
    }

    static func register(in registry: inout WorkflowRegistry) throws {
        var workflow = Workflow<Step>()
        for step in [Step.reserve, .charge, .ship] { workflow = workflow.register(step, Handle(step: step)) }
        try registry.register(
            workflow.addExitState(.shipped), as: "order-fulfilment", startingAt: .reserve, input: Order.self
        ) { result in
            Result(
                sku: result.input.sku, quantity: result.input.quantity, receipts: try await result.store.get(.receipts) ?? [])
        }
    }
}

extension StoreKey where Value == [String] {
    fileprivate static var receipts: Self { "receipts" }
}
