import CanoCore

enum Invoicing: String, WorkflowState, CaseIterable {
    typealias Input = Int
    typealias Output = String
    case number, issued
}

// A workflow of its own: it has its log, its events, and an id that is made of its parent's.
let invoicing = Workflow<Invoicing>("invoice", startingAt: .number) { state in
    switch state {
    case .number:
        .step(then: .issued) { context in
            print("the run \(context.runID) issues an invoice")
            return context.input
        }
    case .issued: .exit(taking: Int.self) { cents, _ in "invoice over \(cents) cents" }
    }
}

enum Order: String, WorkflowState, CaseIterable {
    typealias Input = Int
    typealias Output = String
    case total, invoice, send, sent
}

// On a bus the child runs at any bridge that has its workflow; here it runs in its parent's process.
let ordering = Workflow<Order>("order", startingAt: .total) { state in
    switch state {
    case .total: .step(then: .invoice) { context in context.input * 119 / 100 }
    case .invoice: .child(of: ChildWorkflow(invoicing), taking: Int.self, then: .send)
    case .send: .step(taking: String.self, then: .sent) { invoice, context in "\(context.runID): \(invoice) is sent" }
    case .sent: .exit(taking: String.self) { message, _ in message }
    }
}

print(try await ordering.run(1_000, as: "order-1"))
