import CanoCore
import Logging
import Testing

@Suite(.timeLimit(.minutes(5))) struct StatesAndWorkflowsSnippets {
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
            case .reserve: .step(then: .charge) { context in 2 * context.input }
            case .charge: .step(taking: Int.self, then: .shipped) { cents, _ in "\(cents) cents" }
            case .shipped: .exit(taking: String.self) { receipt, _ in receipt }
            }
        }
        // snippet.end

        // snippet.run
        let receipt = try await orders.run(2100, as: "order-1")
        // snippet.end
        #expect(receipt == "4200 cents")

        // snippet.handle
        let run = orders.start(100)
        let other = try await run.output()
        // snippet.end
        #expect(other == "200 cents")

        // snippet.graph
        let diagram = orders.graph().mermaid
        // snippet.end
        #expect(diagram.contains("s0 --> s1"))
    }

    enum Pricing: String, WorkflowState, CaseIterable {
        typealias Input = Int
        typealias Output = Int
        case price, reduce, priced
    }

    @Test("a decision leads to one of two states")
    func decision() async throws {
        // snippet.decision
        let discounts = Workflow<Pricing>("discounts", startingAt: .price) { state in
            switch state {
            case .price: .decision(if: { $0 >= 5_000 }, then: .reduce, else: .priced) { context in context.input }
            case .reduce: .step(taking: Int.self, then: .priced) { cents, _ in cents * 9 / 10 }
            case .priced: .exit(taking: Int.self) { cents, _ in cents }
            }
        }
        // snippet.end
        #expect(try await discounts.run(4_000) == 4_000)
        #expect(try await discounts.run(6_000) == 5_400)
    }

    @Test("validation names every problem")
    func validation() {
        // snippet.validate
        let unfinished = Workflow<OrderStep>("orders", startingAt: .reserve) { _ in .task(leadsTo: [.shipped]) { _ in .charge } }
        var problems: [String] = []
        do throws(CanoError) {
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
