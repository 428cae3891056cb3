import CanoCore

/// The states of the workflow `order`.
enum OrderStep: String, WorkflowState, CaseIterable {
    typealias Input = Order
    typealias Output = Invoice
    case price, discount, charge, ship, shipped
}

extension StoreKey<Int> {
    static var total: Self { "total" }
    static var discount: Self { "discount" }
}

/// Prices an order, gives a discount on large ones, has it paid for and ships it. Amounts are in cents.
func ordering(prices: PriceList) -> Workflow<OrderStep> {
    Workflow("order", startingAt: .price) { state in
        switch state {
        case .price:
            .decision(then: .discount, else: .charge) { context in
                let total = try context.input.lines.reduce(0) { try $0 + prices.price(of: $1.sku) * $1.quantity }
                try await context.store.put(total, for: .total)
                return total >= 5_000
            }
        case .discount:
            .step(then: .charge) { context in
                try await context.store.put(try await context.store.require(.total) / 10, for: .discount)
            }
        // Workers of the queue do it, and undo it when the run fails later on: payments.py, or any program in any language.
        case .charge:
            .remote(
                "charge", queue: "payments", config: TaskConfig(retry: .exponential(10), attemptTimeout: .seconds(300)),
                giving: Receipt.self,
                then: .ship, undo: .byWorker(of: "payments") { _, receipt in receipt }
            ) { context in
                let discount = try await context.store.get(.discount) ?? 0
                return Payment(customer: context.input.customer, cents: try await context.store.require(.total) - discount)
            }
        case .ship:
            .step(taking: Receipt.self, then: .shipped) { receipt, context in
                guard ["DE", "FR", "GB"].contains(context.input.country) else { throw NoCarrier(country: context.input.country) }
                return receipt
            }
        case .shipped:
            .exit(taking: Receipt.self) { receipt, run in
                let (total, discount) = (try await run.store.require(.total), try await run.store.get(.discount) ?? 0)
                return Invoice(customer: run.input.customer, total: total - discount, discount: discount, receipt: receipt.receipt)
            }
        }
    }
}

/// The goods go nowhere, so the money goes back.
struct NoCarrier: TerminalError, CodedError, CustomStringConvertible {
    let country: String
    var code: String { "no_carrier" }
    var description: String { "no carrier goes to \(country)" }
}
