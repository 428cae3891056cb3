import CanoCore

struct Payment: Codable, Sendable {
    let cents: Int
    let card: String
}

struct Receipt: Codable, Sendable {
    let number: Int
}

// No other attempt helps, and clients get the code.
struct CardRefused: TerminalError, CodedError, CustomStringConvertible {
    let code = "card_refused"
    let description = "the card is reported stolen"
}

enum Shop: String, WorkflowState, CaseIterable {
    typealias Input = Payment
    typealias Output = String
    case charge, ship, shipped
}

// A worker takes the work from the queue "payments" and answers what it came to. Request and answer are JSON.
let shop = Workflow<Shop>("shop", startingAt: .charge) { state in
    switch state {
    case .charge: .remote(queue: "payments", giving: Receipt.self, then: .ship) { context in context.input }
    case .ship: .step(taking: Receipt.self, then: .shipped) { receipt, _ in "shipped, receipt \(receipt.number)" }
    case .shipped: .exit(taking: String.self) { text, _ in text }
    }
}

// Without a bus the workers are closures of this process. On a bridge the same workflow has its work done by any program that reads the
// stream of the queue, in whatever language.
var runtime = WorkflowRuntime()
runtime.workers = LocalWorkers().serving("payments") { (payment: Payment, request) in
    print("attempt \(request.attempt) with the key \(request.idempotencyKey)")
    guard payment.card != "stolen" else { throw CardRefused() }
    return Receipt(number: payment.cents / 10)
}

for (order, card) in [("order-1", "4711"), ("order-2", "stolen")] {
    do throws(CanoError) {
        print(try await shop.run(Payment(cents: 1_250, card: card), as: RunID(order), in: runtime))
    } catch {
        print("failed with \(error.code): \(error.message)")
    }
}
