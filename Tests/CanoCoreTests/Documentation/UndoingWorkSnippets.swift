import CanoCore
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct UndoingWorkSnippets {
    enum OrderStep: String, WorkflowState, CaseIterable { case charge, ship, shipped }

    struct NoCarrier: CodedError { let code = "no_carrier" }

    /// Keeps what was asked of it.
    final class Bank: Sendable {
        let requests = Mutex<[String]>([])

        func charge(_ amount: Int, key: String) async throws -> String {
            requests.withLock { $0.append("charge \(amount) \(key)") }
            return "receipt-1"
        }

        func refund(_ receipt: String, key: String) async throws { requests.withLock { $0.append("refund \(receipt) \(key)") } }
    }

    // snippet.task
    struct Charge: CompensatableTask {
        let name = "charge"
        let bank: Bank

        func run(_ context: TaskContext<OrderStep>) async throws -> (next: OrderStep, receipt: String) {
            let receipt = try await bank.charge(30, key: context.idempotencyKey)
            return (.ship, receipt)
        }

        func compensate(_ context: TaskContext<OrderStep>, _ receipt: String) async throws {
            try await bank.refund(receipt, key: context.idempotencyKey)
        }
    }
    // snippet.end

    @Test("a step of closures is undone like any other")
    func closures() async throws {
        let bank = Bank()
        func orders() -> Workflow<OrderStep> {
            Workflow("orders", startingAt: .charge) { state in
                switch state {
                case .charge:
                    // snippet.closures
                    .sagaStep("charge", then: .ship) { context in
                        try await bank.charge(30, key: context.idempotencyKey)
                    } undo: { context, receipt in
                        try await bank.refund(receipt, key: context.idempotencyKey)
                    }
                // snippet.end
                case .ship: .task(config: .minimal) { _ in throw NoCarrier() }
                case .shipped: .exit
                }
            }
        }
        await #expect(throws: CanoError.self) { try await orders().run(as: "order-1") }
        #expect(bank.requests.withLock { $0 }.last == "refund receipt-1 order-1/charge/1/compensation")
    }

    @Test("a charged order that cannot be shipped is refunded")
    func undoing() async throws {
        let bank = Bank()
        let runtime = WorkflowRuntime(checkpoints: InMemoryCheckpointStore())
        var ended = ""
        // snippet.run
        let orders = Workflow<OrderStep>("orders", startingAt: .charge) { state in
            switch state {
            case .charge: .sagaStep(Charge(bank: bank))
            case .ship: .task(config: .minimal) { _ in throw NoCarrier() }
            case .shipped: .exit
            }
        }
        do throws(CanoError) {
            try await orders.run(as: "order-1", in: runtime)
        } catch {
            ended = "\(error.code), rollback \(error.rollback.rawValue)"
        }
        // snippet.end
        #expect(ended == "no_carrier, rollback clean")
        #expect(
            bank.requests.withLock { $0 } == [
                "charge 30 order-1/charge/1", "refund receipt-1 order-1/charge/1/compensation",
            ])
    }
}
