import CanoCore

/// The states of the workflow `invoice`.
enum InvoiceStep: String, WorkflowState, CaseIterable {
    case price, discount, issue, issued
}

extension StoreKey where Value == Int {
    static var total: Self { "total" }
    static var discount: Self { "discount" }
}

extension StoreKey where Value == Invoice {
    static var invoice: Self { "invoice" }
}

/// Prices an order, gives a discount on large ones, and issues the invoice.
func invoicing(prices: PriceList) -> Workflow<InvoiceStep> {
    Workflow(resources: Resources().inserting(prices, for: .prices))
        .register(.price, PriceOrder(discountFrom: 5_000))
        .register(.discount, GiveDiscount(percent: 10))
        .register(.issue, IssueInvoice())
        .addExitState(.issued)
}

/// Adds up the order and chooses the way it takes.
struct PriceOrder: WorkflowTask {
    /// The total in cents from which there is a discount.
    let discountFrom: Int

    func run(_ context: TaskContext) async throws -> InvoiceStep {
        let order = try context.input(Order.self)
        let prices = try context[.prices]
        let total = try order.lines.reduce(0) { try $0 + prices.price(of: $1.sku) * $1.quantity }
        try await context.store.put(total, for: .total)
        return total < discountFrom ? .issue : .discount
    }
}

struct GiveDiscount: WorkflowTask {
    let percent: Int

    func run(_ context: TaskContext) async throws -> InvoiceStep {
        let total = try await context.store.get(.total) ?? 0
        try await context.store.put(total * percent / 100, for: .discount)
        return .issue
    }
}

struct IssueInvoice: WorkflowTask {
    // A ledger would be asked over the network: repeat what fails, and don't wait for ever.
    let config = TaskConfig(retry: .exponential(4), attemptTimeout: .seconds(5))

    func run(_ context: TaskContext) async throws -> InvoiceStep {
        let order = try context.input(Order.self)
        let total = try await context.store.get(.total) ?? 0
        let discount = try await context.store.get(.discount) ?? 0
        // The same for every attempt of this visit, so a ledger that has seen it answers instead of booking twice.
        let number = context.idempotencyKey
        let invoice = Invoice(number: number, customer: order.customer, total: total - discount, discount: discount)
        try await context.store.put(invoice, for: .invoice)
        return .issued
    }
}
