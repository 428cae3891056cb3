import CanoCore

enum RetryStep: String, WorkflowState, CaseIterable {
    typealias Input = Ordeal
    typealias Output = [String]?

    case first, second, done
}

/// A task that fails as often as it is told to, with a pause between its attempts, and one like any other.
func trialRetry(version: String) -> Workflow<RetryStep> {
    Workflow("trial-retry", version: version, startingAt: .first) { state in
        switch state {
        case .first:
            .task("unsure", config: TaskConfig(retry: .fixed(retries: 5, delay: .zero))) { context in
                guard context.attempt > context.input.failures ?? 0 else { throw Unsure(context) }
                try await context.store.append("attempt-\(context.attempt)", to: .marks)
                return .second
            }
        case .second: .task(Station(next: .done))
        case .done: .exit { run in try await run.store.get(.marks) }
        }
    }
}

enum LoopStep: String, WorkflowState, CaseIterable {
    typealias Input = Ordeal
    typealias Output = [String]?

    case turn, done
}

/// One state that leads to itself as often as it is told to.
func trialLoop(version: String) -> Workflow<LoopStep> {
    Workflow("trial-loop", version: version, startingAt: .turn) { state in
        switch state {
        case .turn:
            .task("turn", config: .minimal, leadsTo: [.turn, .done]) { context in
                guard context.visit >= context.input.turns ?? 1 else { return .turn }
                try await context.store.append("\(context.visit)", to: .marks)
                return .done
            }
        case .done: .exit { run in try await run.store.get(.marks) }
        }
    }
}

struct Unsure: RetryAfterError, CustomStringConvertible {
    let attempt: Int
    let retryAfter: Duration

    init<State: WorkflowState>(_ context: TaskContext<State>) where State.Input == Ordeal {
        attempt = context.attempt
        retryAfter = .milliseconds(context.input.pauseMilliseconds ?? 2_000)
    }

    var description: String { "attempt \(attempt) fails, as the input asked for" }
}
