import CanoCore

/// An order on its way, as a saga: each state leaves a receipt, takes as long as it is told to, and fails where it is told
/// to; an order that fails leaves neither goods put aside nor money taken. One that is told to waits for its payment to be confirmed before
/// the money is taken. One that is told to has a worker of the queue `payments` take the money, and pay it back.
enum OrderFulfilment {
    enum Step: String, WorkflowState, CaseIterable {
        typealias Input = Order
        typealias Output = Shipment
        case reserve
        case awaitPayment = "await_payment"
        case charge
        case chargeRemotely = "charge_remotely"
        case ship, shipped, unpaid
    }

    struct Order: Codable, Sendable {
        let sku: String
        let quantity: Int
        let failAt: String?
        let delayMilliseconds: Int?
        let awaitPayment: Bool?
        let remote: Bool?

        /// Where the money is taken.
        var payment: Step { remote == true ? .chargeRemotely : .charge }

        enum CodingKeys: String, CodingKey {
            case sku, quantity
            case failAt = "fail_at"
            case delayMilliseconds = "delay_ms"
            case awaitPayment = "await_payment"
            case remote
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
        var code = "refused"
        var description: String { code == "unpaid" ? "no payment was confirmed in time" : "\(state) was refused, as the order asked for" }
    }

    static let workflow = Workflow<Step>("order-fulfilment", startingAt: .reserve) { state in
        switch state {
        case .reserve:
            // The goods are put aside in the store `warehouse`, under the run's id.
            .sagaStep("reserve-order", leadsTo: [.awaitPayment, .charge, .chargeRemotely]) { context in
                let order = try await work(on: .reserve, context)
                let reservation = Reservation(sku: order.sku, quantity: order.quantity)
                try await context.store(named: "warehouse").put(reservation, for: StoreKey("\(context.runID)"))
                return (order.awaitPayment == true ? .awaitPayment : order.payment, reservation)
            } undo: { context, _ in
                try await context.store(named: "warehouse").remove(StoreKey<Reservation>("\(context.runID)"))
            }
        case .awaitPayment:
            .wait(
                forFirst: [Signal<Void>("payment-confirmed")], .within(.seconds(7 * 86_400), else: .unpaid),
                leadsTo: [.charge, .chargeRemotely]
            ) { _, context in context.input.payment }
        case .unpaid: .task(config: .minimal, leadsTo: []) { _ in throw Refused(state: "await_payment", code: "unpaid") }
        case .charge:
            // The money is taken into the store `payments`, under the run's id.
            .sagaStep("charge-order", leadsTo: [.ship]) { context in
                let order = try await work(on: .charge, context)
                let payment = Payment(reference: context.idempotencyKey, items: order.quantity)
                try await context.store(named: "payments").put(payment, for: StoreKey("\(context.runID)"))
                return (.ship, payment)
            } undo: { context, _ in
                try await context.store(named: "payments").remove(StoreKey<Payment>("\(context.runID)"))
            }
        case .chargeRemotely: .remote(RemoteCharge(), leadsTo: [.ship])
        case .ship:
            .task("ship-order", leadsTo: [.shipped]) { context in
                _ = try await work(on: .ship, context)
                return .shipped
            }
        case .shipped:
            .exit { run in
                Shipment(sku: run.input.sku, quantity: run.input.quantity, receipts: try await run.store.require(.receipts))
            }
        }
    }

    /// Has a worker take the money, and pay it back if the order fails later on: also where it is not known whether it was taken.
    private struct RemoteCharge: RemoteCompensatableTask {
        /// What the worker gets.
        struct Payment: Codable, Sendable {
            let order: String
            let sku: String
            let quantity: Int
        }

        /// What the worker gets that pays the money back.
        struct Refund: Encodable, Sendable {
            let order: String
            /// What taking the money came to, where that is known.
            let payment: JSON?
        }

        let name = "charge-order-remotely"

        var undo: StepUndo<Step, Payment, JSON> {
            .byWorker(of: "payments") { context, payment in
                Refund(order: "\(context.runID)", payment: payment)
            } ifUnknown: { _, payment in
                Refund(order: payment.order, payment: nil)
            }
        }

        func queue(_ context: TaskContext<Step>) -> WorkerQueue { "payments" }

        func request(_ context: TaskContext<Step>) throws -> Payment {
            let order = context.input
            guard order.failAt != Step.charge.label else { throw Refused(state: Step.charge.label) }
            return Payment(order: "\(context.runID)", sku: order.sku, quantity: order.quantity)
        }

        func next(after payment: JSON, _ context: TaskContext<Step>) async throws -> Step {
            try await note(.charge, of: context.input, context)
            return .ship
        }
    }

    /// Takes as long as the order says, and fails where it says so.
    private static func work(on step: Step, _ context: TaskContext<Step>) async throws -> Order {
        let order = context.input
        if let delay = order.delayMilliseconds { try await context.sleep(for: .milliseconds(delay)) }
        guard order.failAt != step.label else { throw Refused(state: step.label) }
        try await note(step, of: order, context)
        return order
    }

    private static func note(_ step: Step, of order: Order, _ context: TaskContext<Step>) async throws {
        try await context.store.append("\(step.label):\(order.sku)x\(order.quantity)", to: .receipts)
    }
}

extension StoreKey<[String]> {
    fileprivate static var receipts: Self { "receipts" }
}
