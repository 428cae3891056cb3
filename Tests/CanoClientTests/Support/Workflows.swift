import CanoCore
import CanoTesting

/// The states of the workflows of these tests.
enum Step: String, WorkflowState, CaseIterable {
    typealias Input = Work
    typealias Output = String
    case work, check, done
}

/// What a run is to do.
struct Work: Codable, Sendable, Hashable {
    var answer = "done"
    /// How often the text is repeated: for outputs that events leave out.
    var times = 1
}

struct Refused: TerminalError, CodedError {
    var code: String { "refused" }
}

/// Answers what its input says; `fail` fails.
let answering = Workflow<Step>("answering", startingAt: .work) { state in
    switch state {
    case .work:
        .task { context in
            if context.input.answer == "fail" { throw Refused() }
            return .check
        }
    case .check: .task { _ in .done }
    case .done: .exit { run in String(repeating: run.input.answer, count: run.input.times) }
    }
}

/// Waits until it is told to go on.
func waiting(for gate: TestGate) -> Workflow<Step> {
    Workflow<Step>("waiting", startingAt: .work) { state in
        switch state {
        case .work:
            .task { _ in
                try await gate.pass()
                return .check
            }
        case .check: .task { _ in .done }
        case .done: .exit { run in run.input.answer }
        }
    }
}

/// Fails until it is told not to.
func failing(until gate: TestGate) -> Workflow<Step> {
    Workflow<Step>("failing", startingAt: .work) { state in
        switch state {
        case .work:
            .task(config: .minimal) { _ in
                guard gate.isOpen else { throw Refused() }
                return .check
            }
        case .check: .task { _ in .done }
        case .done: .exit { run in run.input.answer }
        }
    }
}
