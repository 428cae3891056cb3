import CanoBridge
import CanoCore

/// An order on its way, as a saga: each state leaves a receipt, takes as long as it is told to, and fails where it is told
/// to; an order that fails leaves neither goods put aside nor money taken.
enum OrderFulfilment {
    enum Step: String, WorkflowState, CaseIterable {
        case reserve, charge, ship, shipped
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

    /// Takes as long as the order says, and fails where it says so.
    private static func work(on step: Step, _ context: TaskContext) async throws -> Order {
        let order = try context.input(Order.self)
        if let delay = order.delayMilliseconds { try await context.sleep(for: .milliseconds(delay)) }
        guard order.failAt != step.label else { throw Refused(state: step.label) }
        try await context.store.append("\(step.label):\(order.sku)x\(order.quantity)", to: .receipts)
        return order
    }

    /// Puts the goods aside in the store `warehouse`, under the run's id; they are put back when the order fails later.
    struct Reserve: CompensatableTask {
        let name = "reserve-order"

        struct Reservation: Codable, Sendable {
            let sku: String
            let quantity: Int
        }

        func run(_ context: TaskContext) async throws -> (Step, Reservation) {
            let order = try await work(on: .reserve, context)
            let reservation = Reservation(sku: order.sku, quantity: order.quantity)
            try await context.store(named: "warehouse").put(reservation, for: StoreKey("\(context.runID)"))
            return (.charge, reservation)
        }

        func compensate(_ context: TaskContext, _ reservation: Reservation) async throws {
            try await context.store(named: "warehouse").remove(StoreKey<Reservation>("\(context.runID)"))
        }
    }

    /// Takes the money into the store `payments`, under the run's id; it is given back when the order fails later.
    struct Charge: CompensatableTask {
        let name = "charge-order"

        /// What the shop keeps of a payment: its reference at the payment service.
        struct Payment: Codable, Sendable {
            let reference: String
            let items: Int
        }

        func run(_ context: TaskContext) async throws -> (Step, Payment) {
            let order = try await work(on: .charge, context)
            let payment = Payment(reference: context.idempotencyKey, items: order.quantity)
            try await context.store(named: "payments").put(payment, for: StoreKey("\(context.runID)"))
            return (.ship, payment)
        }

        func compensate(_ context: TaskContext, _ payment: Payment) async throws {
            try await context.store(named: "payments").remove(StoreKey<Payment>("\(context.runID)"))
        }
    }

    struct Ship: WorkflowTask {
        let name = "ship-order"

        func run(_ context: TaskContext) async throws -> Step {
            _ = try await work(on: .ship, context)
            return .shipped
        }
    }

    static func register(in registry: inout WorkflowRegistry) throws {
        let workflow = Workflow<Step>()
            .register(.reserve, Reserve())
            .register(.charge, Charge())
            .register(.ship, Ship())
            .addExitState(.shipped)
        try registry.register(workflow, as: "order-fulfilment", startingAt: .reserve, input: Order.self) { result in
            Result(
                sku: result.input.sku, quantity: result.input.quantity, receipts: try await result.store.get(.receipts) ?? [])
        }
    }
}

extension StoreKey where Value == [String] {
    fileprivate static var receipts: Self { "receipts" }
}
