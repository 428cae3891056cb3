import CanoCore

/// The states of `payment`.
package enum PaymentStep: String, WorkflowState, CaseIterable {
    package typealias Input = Purchase
    package typealias Output = String
    case reserve, charge, ship, shipped
}

package struct Purchase: Codable, Sendable {
    package let article: String
    package let cents: Int

    package init(article: String, cents: Int) { (self.article, self.cents) = (article, cents) }
}

/// The services around the shop. Each call has a key by which a repetition is recognised.
package protocol Shop: Sendable {
    func reserve(_ article: String, key: String) async throws -> String
    func release(_ reservation: String, key: String) async throws
    func charge(_ cents: Int, key: String) async throws -> String
    func refund(_ payment: String, key: String) async throws
    func ship(_ article: String, key: String) async throws -> String
}

/// Reserves, charges and ships; what was done is undone when a later step fails.
package func payment(through shop: some Shop) -> Workflow<PaymentStep> {
    Workflow("payment", startingAt: .reserve) { state in
        switch state {
        case .reserve:
            .sagaStep("reserve", then: .charge) { context in
                try await shop.reserve(context.input.article, key: context.idempotencyKey)
            } undo: { context, reservation in
                try await shop.release(reservation, key: context.idempotencyKey)
            }
        case .charge:
            .sagaStep("charge", then: .ship) { context in
                try await shop.charge(context.input.cents, key: context.idempotencyKey)
            } undo: { context, payment in
                try await shop.refund(payment, key: context.idempotencyKey)
            }
        case .ship: .step(then: .shipped) { context in try await shop.ship(context.input.article, key: context.idempotencyKey) }
        case .shipped: .exit(taking: String.self) { parcel, _ in parcel }
        }
    }
}
