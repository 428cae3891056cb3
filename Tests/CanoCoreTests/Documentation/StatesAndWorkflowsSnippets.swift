import CanoCore
import Logging
import Testing

@Suite(.timeLimit(.minutes(1))) struct StatesAndWorkflowsSnippets {
    // snippet.states
    enum OrderStep: String, WorkflowState, CaseIterable {
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
        let orders = Workflow<OrderStep>()
            .register(.reserve, leadsTo: [.charge]) { _ in .charge }
            .register(.charge, leadsTo: [.shipped]) { context in
                let cents = try context.input(Int.self)
                context.logger.info("charging \(cents) cents")
                return .shipped
            }
            .addExitState(.shipped)
        // snippet.end

        // snippet.run
        let end = try await orders.orchestrate(from: .reserve, as: "order-1", input: 4200)
        // snippet.end
        #expect(end == .shipped)

        // snippet.graph
        let diagram = orders.graph().mermaid
        // snippet.end
        #expect(diagram.contains("s0 --> s1"))
    }

    @Test("validation names every problem")
    func validation() {
        // snippet.validate
        let unfinished = Workflow<OrderStep>().register(.reserve) { _ in .charge }
        var problems: [String] = []
        do {
            try unfinished.validate()
        } catch {
            problems = error.causes.map(\.message)
        }
        // snippet.end
        #expect(problems.count == 3)
    }

    @Test("a label leads back to its state")
    func labels() {
        #expect(Page(label: "page-7") == Page(number: 7))
        #expect(Page(label: "seven") == nil)
    }
}
