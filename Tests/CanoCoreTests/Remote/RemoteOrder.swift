import CanoCore

/// The states of a workflow whose first one is worked on elsewhere.
enum RemoteOrder: String, WorkflowState, CaseIterable {
    typealias Output = RemoteOrder
    case charge, ship, done, refused
}

struct Payment: Codable, Sendable, Equatable { var cents = 5 }

struct Receipt: Codable, Sendable, Equatable { var number: Int }

extension WorkAnswer {
    /// The work is done, and this is what it came to.
    static func receipt(_ number: Int, next: String? = nil) -> WorkAnswer {
        .completed(output: Array(#"{"number":\#(number)}"#.utf8), next: next)
    }

    static func failure(_ code: String = "busy", isRetryable: Bool = true, retryAfter: Duration? = nil) -> WorkAnswer {
        .failed(WorkFailure(code: code, message: "it is \(code)", isRetryable: isRetryable, retryAfter: retryAfter))
    }
}

extension Workflow<RemoteOrder> {
    /// Charges elsewhere and ships here.
    static func charging(_ config: TaskConfig = .minimal, shipping journal: Journal<Int> = Journal()) -> Workflow {
        Workflow("orders", startingAt: .charge) { state in
            switch state {
            case .charge: .remote("bank", queue: "payments", config: config, giving: Receipt.self, then: .ship) { _ in Payment() }
            case .ship: .step(taking: Receipt.self, then: .done) { receipt, _ in journal.add(receipt.number) }
            case .done, .refused: .exit
            }
        }
    }
}

extension RunOutcome {
    /// The exit state, or how the run ended here otherwise.
    var summary: String {
        switch self {
        case .completed(let state): state.label
        case .waiting(let until): until.map { "waiting until \($0)" } ?? "waiting"
        case .relinquished: "relinquished"
        @unknown default: "unknown"
        }
    }
}
