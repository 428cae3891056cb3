import CanoCore

struct Refund: Codable, Sendable, Equatable {
    /// The number of what was paid; 0 where it is not known whether it was.
    var of: Int
}

extension Workflow<RemoteOrder> {
    /// Charges elsewhere, and ships here, which fails unless told otherwise.
    static func refunding(
        _ config: TaskConfig = .minimal, undo: StepUndo<RemoteOrder, Payment, Receipt>? = nil,
        shipping: @escaping @concurrent @Sendable (TaskContext<RemoteOrder>) async throws -> Void = { _ in throw Mishap() }
    ) -> Workflow {
        Workflow("orders", startingAt: .charge) { state in
            switch state {
            case .charge:
                .remote("bank", queue: "payments", config: config, giving: Receipt.self, then: .ship, undo: undo ?? .refund()) { _ in
                    Payment()
                }
            case .ship:
                .task(config: .minimal, leadsTo: [.done]) { context in
                    try await shipping(context)
                    return .done
                }
            case .done, .refused: .exit
            }
        }
    }
}

extension StepUndo<RemoteOrder, Payment, Receipt> {
    /// A worker of the queue `refunds` pays the money back.
    static func refund(_ config: TaskConfig = .minimal) -> StepUndo {
        .byWorker(of: "refunds", config: config) { _, receipt in Refund(of: receipt.number) }
    }

    /// The same, also where it is not known whether the money was paid.
    static func refundInAnyCase(_ config: TaskConfig = .minimal) -> StepUndo {
        .byWorker(of: "refunds", config: config) { _, receipt in
            Refund(of: receipt.number)
        } ifUnknown: { _, payment in
            Refund(of: -payment.cents)
        }
    }
}

extension WorkRequest {
    /// What it asks for.
    var text: String { String(decoding: input, as: UTF8.self) }
}

extension WorkAnswer {
    /// The work is done, and comes to nothing.
    static var done: WorkAnswer { .completed(output: Array("null".utf8)) }
}
