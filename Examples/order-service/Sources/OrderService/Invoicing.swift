import CanoCore

/// The states of the workflow `invoice`.
enum InvoiceStep: String, WorkflowState, CaseIterable {
    typealias Input = Order
    typealias Output = Invoice
    case price, discount, issue, issued
}

extension StoreKey<Int> {
    static var total: Self { "total" }
    static var discount: Self { "discount" }
}

extension StoreKey<Invoice> {
    static var invoice: Self { "invoice" }
}

/// Prices an order, gives a discount on large ones, and issues the invoice. Amounts are in cents.
func invoicing(prices: PriceList) -> Workflow<InvoiceStep> {
    Workflow("invoice", startingAt: .price) { state in
        switch state {
        case .price:
            .decision("price", then: .discount, else: .issue) { context in
                let total = try context.input.lines.reduce(0) { try $0 + prices.price(of: $1.sku) * $1.quantity }
                try await context.store.put(total, for: .total)
                return total >= 5_000
            }
        case .discount:
            .step("give-discount", then: .issue) { context in
                try await context.store.put(try await context.store.require(.total) / 10, for: .discount)
            }
        case .issue: .task(IssueInvoice(), leadsTo: [.issued])
        case .issued: .exit { run in try await run.store.require(.invoice) }
        }
    }
}

/// A task may be a type of its own, such as one that several workflows have, or one that is tested alone.
struct IssueInvoice: WorkflowTask {
    // A ledger would be asked over the network: repeat what fails, and don't wait for ever.
    let config = TaskConfig(retry: .exponential(4), attemptTimeout: .seconds(5))

    func run(_ context: TaskContext<InvoiceStep>) async throws -> InvoiceStep {
        let total = try await context.store.require(.total)
        let discount = try await context.store.get(.discount) ?? 0
        // The same for every attempt of this visit, so a ledger that has seen it answers instead of booking twice.
        let number = context.idempotencyKey
        let invoice = Invoice(number: number, customer: context.input.customer, total: total - discount, discount: discount)
        try await context.store.put(invoice, for: .invoice)
        return .issued
    }
}
