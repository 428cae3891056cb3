import CanoCore
import Testing

@Suite(.timeLimit(.minutes(5))) struct ChildRunsSnippets {
    enum Stage: String, WorkflowState, CaseIterable {
        case invoice, send, done
    }

    enum Draft: String, WorkflowState, CaseIterable {
        typealias Input = Int
        typealias Output = String
        case write, done
    }

    private let invoicing = Workflow<Draft>("invoice", startingAt: .write) { state in
        switch state {
        case .write: .step(then: .done) { context in "\(context.input) cents" }
        case .done: .exit(taking: String.self) { text, _ in text }
        }
    }
    private let sent = Journal<String>()

    @Test("a child draws an invoice up, which is handed on")
    func line() async throws {
        let (invoicing, sent) = (invoicing, sent)
        // snippet.workflow
        let orders = Workflow<Stage>("orders", startingAt: .invoice) { state in
            switch state {
            case .invoice: .child(of: ChildWorkflow(invoicing), then: .send) { _ in 1_250 }
            case .send: .step(taking: String.self, then: .done) { invoice, _ in sent.add(invoice) }
            case .done: .exit
            }
        }
        // snippet.end
        try await orders.run()
        #expect(sent.entries == ["1250 cents"])
    }

    @Test("a workflow can be named")
    func named() {
        let named =
            // snippet.named
            ChildWorkflow("invoice", taking: Int.self, giving: String.self)
        // snippet.end
        #expect(named.name == invoicing.name)
    }

    @Test("a list has a child for each of its elements")
    func many() async throws {
        let (invoice, sent) = (ChildWorkflow(invoicing), sent)
        let orders = Workflow<Stage>("orders", startingAt: .invoice) { state in
            switch state {
            // snippet.many
            case .invoice:
                .eachChild("invoice", leadsTo: [.done]) { context in
                    [1_250, 980].map { ChildStart(invoice, $0) }
                } reduce: { invoices, context in
                    invoices.outputs.forEach(sent.add)
                    return .done
                }
            // snippet.end
            default: .exit
            }
        }
        try await orders.run()
        #expect(sent.entries == ["1250 cents", "980 cents"])
    }

    // snippet.task
    struct Invoice: ChildRunTask {
        let child: ChildWorkflow<Int, String>
        let childConfig = ChildRunConfig(timeout: .seconds(3_600))

        func input(_ context: TaskContext<Stage>) async throws -> Int { 1_250 }

        func next(after invoice: String, _ context: TaskContext<Stage>) async throws -> Stage {
            invoice.isEmpty ? .done : .send
        }
    }
    // snippet.end

    @Test("a task decides by what its child came to")
    func task() async throws {
        let invoicing = invoicing
        let orders = Workflow<Stage>("orders", startingAt: .invoice) { state in
            state == .invoice ? .task(Invoice(child: ChildWorkflow(invoicing))) : .exit
        }
        let run = orders.start()
        #expect(try await run.exitState() == .send)
    }
}
