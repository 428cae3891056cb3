import CanoCore
import Logging
import Testing

@Suite(.timeLimit(.minutes(1))) struct StatesAndWorkflowsSnippets {
    // snippet.states
    enum OrderStep: String, WorkflowState, CaseIterable {
        typealias Input = Int
        typealias Output = String
        case reserve, charge, shipped
    }
    // snippet.end

    // snippet.label
    struct Page: WorkflowState {
        let number: Int

        var label: String { "page-\(number)" }

        init(number: Int) { self.number = number }

        init?(label: String) {
            guard label.hasPrefix("page-"), let number = Int(label.dropFirst(5)) else { return nil }
            self.number = number
        }
    }
    // snippet.end

    @Test("a workflow is built, run, and drawn")
    func running() async throws {
        // snippet.workflow
        let orders = Workflow<OrderStep>("orders", startingAt: .reserve) { state in
            switch state {
            case .reserve: .task(leadsTo: [.charge]) { _ in .charge }
            case .charge:
                .task(leadsTo: [.shipped]) { context in
                    try await context.store.put("\(context.input) cents", for: "receipt")
                    return .shipped
                }
            case .shipped: .exit { run in try await run.store.require("receipt") }
            }
        }
        // snippet.end

        // snippet.run
        let receipt = try await orders.run(4200, as: "order-1")
        // snippet.end
        #expect(receipt == "4200 cents")

        // snippet.handle
        let run = orders.start(100)
        let other = try await run.output()
        // snippet.end
        #expect(other == "100 cents")

        // snippet.graph
        let diagram = orders.graph().mermaid
        // snippet.end
        #expect(diagram.contains("s0 --> s1"))
    }

    @Test("validation names every problem")
    func validation() {
        // snippet.validate
        let unfinished = Workflow<OrderStep>("orders", startingAt: .reserve) { _ in .task(leadsTo: [.shipped]) { _ in .charge } }
        var problems: [String] = []
        do {
            try unfinished.validate()
        } catch {
            problems = error.causes.map(\.message)
        }
        // snippet.end
        #expect(problems == ["there is no exit state: add one, or no run can end"])
    }

    @Test("a label leads back to its state")
    func labels() {
        #expect(Page(label: "page-7") == Page(number: 7))
        #expect(Page(label: "seven") == nil)
    }
}
