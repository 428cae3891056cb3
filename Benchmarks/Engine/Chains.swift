import CanoCore
import Synchronization

/// The states of a chain.
struct Link: WorkflowState {
    static let end = Link(.max)
    let number: UInt16

    init(_ number: UInt16) { self.number = number }

    init?(label: String) {
        guard let number = UInt16(label) else { return nil }
        self.number = number
    }

    var label: String { String(number) }

    /// The state after this one in a chain of so many.
    func next(in length: Int) -> Link { Int(number) + 1 == length ? .end : Link(number + 1) }
}

/// Goes to a state and does nothing else.
struct Next: WorkflowTask {
    let target: Link
    var config = TaskConfig()

    func run(_ context: TaskContext<Link>) async throws -> Link { target }
}

private struct NextRouter: RouterTask {
    let target: Link

    func route(_ context: TaskContext<Link>) async throws -> Link { target }
}

private struct Failing: WorkflowTask {
    var config: TaskConfig { .minimal }

    func run(_ context: TaskContext<Link>) async throws -> Link { throw CanoError(.taskExecution, "failed") }
}

/// Two states that take turns.
enum Turn: String, WorkflowState, CaseIterable { case left, right, done }

/// How many transitions are left; goes back and forth until there are none.
final class Countdown: Sendable {
    private let left: Atomic<Int>

    init(_ transitions: Int) { left = Atomic(transitions) }

    func isOver() -> Bool { left.subtract(1, ordering: .relaxed).oldValue == 1 }
}

private struct Hop: WorkflowTask {
    let target: Turn
    let countdown: Countdown

    func run(_ context: TaskContext<Turn>) async throws -> Turn { countdown.isOver() ? .done : target }
}

/// Linear workflows, and one that goes in circles.
enum Chains {
    static func linear(
        _ length: Int, startingAt start: Link = Link(0), resources: Resources = Resources(), _ task: (Link) -> some WorkflowTask<Link>
    ) -> Workflow<Link> {
        workflow(length, startingAt: start, resources: resources) { .task(task($0.next(in: length))) }
    }

    /// A workflow of so many states and an exit.
    static func workflow(
        _ length: Int, startingAt start: Link = Link(0), resources: Resources = Resources(), _ handler: (Link) -> StateHandler<Link>
    ) -> Workflow<Link> {
        let states = (0..<length).map { Link(UInt16($0)) } + [.end]
        return Workflow("chain", version: "", startingAt: start, states: states, resources: resources) {
            $0 == .end ? .exit : handler($0)
        }
    }

    static func loop(_ transitions: Int, in runtime: WorkflowRuntime) async throws {
        let countdown = Countdown(transitions)
        let workflow = Workflow<Turn>("loop", startingAt: .left) { state in
            switch state {
            case .left: .task(Hop(target: .right, countdown: countdown))
            case .right: .task(Hop(target: .left, countdown: countdown))
            case .done: .exit
            }
        }
        try await workflow.run(in: runtime)
    }

    static var workloads: [Workload] {
        let ten = linear(10) { Next(target: $0) }
        let hundred = linear(100) { Next(target: $0) }
        let routers = linear(100) { NextRouter(target: $0) }
        let limited = linear(100) { Next(target: $0, config: TaskConfig(retry: .none, attemptTimeout: .seconds(30))) }
        let failing = workflow(1) { _ in .task(Failing()) }
        let nothing = linear(10, startingAt: .end) { Next(target: $0) }
        let runtime = WorkflowRuntime()
        return [
            .each("orchestrate_overhead_exit_only", "workflow", original: 94.7) { try await nothing.run() },
            .each("linear10", "workflow", original: 2_148) { try await ten.run() },
            .each("linear100", "transition", original: 199.1, units: 100) { try await hundred.run() },
            .each("linear100_router", "transition", original: 203.2, units: 100) { try await routers.run() },
            .each("linear100_attempt_timeout", "transition", original: 261, units: 100) {
                try await limited.run()
            },
            .each("linear100_total_timeout", "transition", original: 236.8, units: 100) {
                try await hundred.run(timeout: .seconds(30))
            },
            .each("linear100_live_token", "transition", original: 323.7, units: 100) {
                let run = Run(id: .random(), start: .fresh(Link(0)), control: RunControl())
                _ = try await hundred.drive(run, in: runtime)
            },
            .each("loop1M", "transition", original: 223.8, units: 1_000_000) { try await loop(1_000_000, in: runtime) },
            .each("task_fails_1_state", "workflow", original: 422.7) { try? await failing.run() },
        ]
    }
}
