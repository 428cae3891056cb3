import CanoCore

/// An order on its way, as a saga: each state leaves a receipt, takes as long as it is told to, and fails where it is told
/// to; an order that fails leaves neither goods put aside nor money taken.
enum OrderFulfilment {
    enum Step: String, WorkflowState, CaseIterable {
        typealias Input = Order
        typealias Output = Shipment
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

    struct Shipment: Codable, Sendable {
        let sku: String
        let quantity: Int
        let receipts: [String]
    }

    /// What is put aside for an order.
    struct Reservation: Codable, Sendable {
        let sku: String
        let quantity: Int
    }

    /// What the shop keeps of a payment: its reference at the payment service.
    struct Payment: Codable, Sendable {
        let reference: String
        let items: Int
    }

    /// A failure that no further attempt can cure.
    struct Refused: TerminalError, CodedError, CustomStringConvertible {
        let state: String
        var code: String { "refused" }
        var description: String { "\(state) was refused, as the order asked for" }
    }

    static let workflow = Workflow<Step>("order-fulfilment", startingAt: .reserve) { state in
        switch state {
        case .reserve:
            // The goods are put aside in the store `warehouse`, under the run's id.
            .sagaStep("reserve-order") { context in
                let order = try await work(on: .reserve, context)
                let reservation = Reservation(sku: order.sku, quantity: order.quantity)
                try await context.store(named: "warehouse").put(reservation, for: StoreKey("\(context.runID)"))
                return (.charge, reservation)
            } undo: { context, _ in
                try await context.store(named: "warehouse").remove(StoreKey<Reservation>("\(context.runID)"))
            }
        case .charge:
            // The money is taken into the store `payments`, under the run's id.
            .sagaStep("charge-order") { context in
                let order = try await work(on: .charge, context)
                let payment = Payment(reference: context.idempotencyKey, items: order.quantity)
                try await context.store(named: "payments").put(payment, for: StoreKey("\(context.runID)"))
                return (.ship, payment)
            } undo: { context, _ in
                try await context.store(named: "payments").remove(StoreKey<Payment>("\(context.runID)"))
            }
        case .ship:
            .task("ship-order") { context in
                _ = try await work(on: .ship, context)
                return .shipped
            }
        case .shipped:
            .exit { run in
                Shipment(sku: run.input.sku, quantity: run.input.quantity, receipts: try await run.store.require(.receipts))
            }
        }
    }

    /// Takes as long as the order says, and fails where it says so.
    private static func work(on step: Step, _ context: TaskContext<Step>) async throws -> Order {
        let order = context.input
        if let delay = order.delayMilliseconds { try await context.sleep(for: .milliseconds(delay)) }
        guard order.failAt != step.label else { throw Refused(state: step.label) }
        try await context.store.append("\(step.label):\(order.sku)x\(order.quantity)", to: .receipts)
        return order
    }
}

extension StoreKey<[String]> {
    fileprivate static var receipts: Self { "receipts" }
}
