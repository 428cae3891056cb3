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

    func run(_ context: TaskContext) async throws -> Link { target }
}

private struct NextRouter: RouterTask {
    let target: Link

    func route(_ context: TaskContext) async throws -> Link { target }
}

private struct Failing: WorkflowTask {
    var config: TaskConfig { .minimal }

    func run(_ context: TaskContext) async throws -> Link { throw CanoError(.taskExecution, "failed") }
}

/// Two states that take turns.
enum Turn: String, WorkflowState { case left, right, done }

/// How many transitions are left; goes back and forth until there are none.
final class Countdown: Sendable {
    private let left: Atomic<Int>

    init(_ transitions: Int) { left = Atomic(transitions) }

    func isOver() -> Bool { left.subtract(1, ordering: .relaxed).oldValue == 1 }
}

private struct Hop: WorkflowTask {
    let target: Turn
    let countdown: Countdown

    func run(_ context: TaskContext) async throws -> Turn { countdown.isOver() ? .done : target }
}

/// Linear workflows, and one that goes in circles.
enum Chains {
    static func linear<Task: WorkflowTask<Link>>(
        _ length: Int, resources: Resources = Resources(), _ task: (Link) -> Task
    ) -> Workflow<Link> {
        var workflow = Workflow<Link>(resources: resources).addExitState(.end)
        for number in 0..<length {
            let state = Link(UInt16(number))
            workflow = workflow.register(state, task(state.next(in: length)))
        }
        return workflow
    }

    static func loop(_ transitions: Int, in runtime: WorkflowRuntime) async throws {
        let countdown = Countdown(transitions)
        let workflow = Workflow<Turn>()
            .register(.left, Hop(target: .right, countdown: countdown))
            .register(.right, Hop(target: .left, countdown: countdown))
            .addExitState(.done)
        _ = try await workflow.orchestrate(from: .left, in: runtime)
    }

    static var workloads: [Workload] {
        let ten = linear(10) { Next(target: $0) }
        let hundred = linear(100) { Next(target: $0) }
        let routers = linear(100) { NextRouter(target: $0) }
        let limited = linear(100) { Next(target: $0, config: TaskConfig(retry: .none, attemptTimeout: .seconds(30))) }
        let failing = Workflow<Link>().register(Link(0), Failing()).addExitState(.end)
        let runtime = WorkflowRuntime()
        return [
            .each("orchestrate_overhead_exit_only", "workflow", original: 94.7) { _ = try await ten.orchestrate(from: .end) },
            .each("linear10", "workflow", original: 2_148) { _ = try await ten.orchestrate(from: Link(0)) },
            .each("linear100", "transition", original: 199.1, units: 100) { _ = try await hundred.orchestrate(from: Link(0)) },
            .each("linear100_router", "transition", original: 203.2, units: 100) { _ = try await routers.orchestrate(from: Link(0)) },
            .each("linear100_attempt_timeout", "transition", original: 261, units: 100) {
                _ = try await limited.orchestrate(from: Link(0))
            },
            .each("linear100_total_timeout", "transition", original: 236.8, units: 100) {
                _ = try await hundred.orchestrate(from: Link(0), timeout: .seconds(30))
            },
            .each("linear100_live_token", "transition", original: 323.7, units: 100) {
                let run = Run(id: .random(), start: .fresh(Link(0)), control: RunControl())
                _ = try await hundred.drive(run, in: runtime)
            },
            .each("loop1M", "transition", original: 223.8, units: 1_000_000) { try await loop(1_000_000, in: runtime) },
            .each("task_fails_1_state", "workflow", original: 422.7) { _ = try? await failing.orchestrate(from: Link(0)) },
        ]
    }
}
