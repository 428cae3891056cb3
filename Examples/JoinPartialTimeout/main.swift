import CanoCore

enum Quotes: String, WorkflowState, CaseIterable {
    typealias Output = Quotes
    case ask, ordered, tooExpensive
}

struct Supplier: BranchTask {
    let cents: Int
    let answersIn: Duration

    func run(_ context: TaskContext<Quotes>) async throws -> Int {
        try await context.sleep(for: answersIn)
        return cents
    }
}

let suppliers = [
    Supplier(cents: 1_250, answersIn: .zero), Supplier(cents: 1_190, answersIn: .zero), Supplier(cents: 10, answersIn: .seconds(3_600)),
]

let quotes = Workflow<Quotes>("quotes", startingAt: .ask) { state in
    switch state {
    case .ask:
        // Takes what is there when the time is over. One answer there has to be.
        .split(suppliers, join: JoinConfig(.partialTimeout, timeout: .milliseconds(200)), leadsTo: [.ordered, .tooExpensive]) { result, _ in
            print("\(result.outputs.count) answered in time, supplier \(result.cancelled) did not")
            guard let best = result.outputs.min(), best < 2_000 else { return .tooExpensive }
            print("the best offer is \(best) cents")
            return .ordered
        }
    case .ordered, .tooExpensive: .exit
    }
}

print("\(try await quotes.run())")
