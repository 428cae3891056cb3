// Pages of docs that show a workflow in passing.
import CanoCore

enum Step: String, WorkflowState, CaseIterable {
    typealias Input = Order
    typealias Output = Invoice
    case charge, ship, done
}

struct Order: Codable, Sendable {}

struct Invoice: Codable, Sendable {}

struct PriceList: Sendable {}

struct Payment: Codable, Sendable { var cents: Int }

struct Receipt: Codable, Sendable {}

func worker(in state: Step) -> StateHandler<Step> {
    switch state {
    // block: docs/writing-a-worker.md
    default: omitted()
    }
}

enum Forms {
    // block: docs/decisions/0014-define-a-workflow-as-a-switch-over-its-states.md
}
