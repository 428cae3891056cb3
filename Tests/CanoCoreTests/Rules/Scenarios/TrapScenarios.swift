import CanoCore
import CanoTesting
import RuleFixture
import Testing

/// What a trap does. Each test runs its body in a process of its own and sees how that process ends.
struct TrapScenarios {
    /// An index out of range: what a programmer's mistake looks like at run time.
    @Sendable static func trap() {
        let empty: [Int] = []
        _ = empty[empty.count]
    }

    func inTask() async -> Facts {
        let result = await #expect(processExitsWith: .failure) {
            let workflow = Workflow<Step>.single(config: TaskConfig(retry: .fixed(retries: 3, delay: .zero))) { context in
                if context.attempt == 1 { TrapScenarios.trap() }
                return .done
            }
            _ = try? await workflow.orchestrate(from: .first)
        }
        return ["the process ends": result != nil]
    }

    func inItem() async -> Facts {
        let result = await #expect(processExitsWith: .failure) {
            struct Items: BatchTask {
                var concurrency: Int { 2 }
                func load(_ context: TaskContext<Step>) async throws -> [Int] { [1, 2] }
                func process(_ item: Int, _ context: TaskContext<Step>) async throws { if item == 2 { TrapScenarios.trap() } }
                func finish(_ results: [Result<Void, any Error>], _ context: TaskContext<Step>) async throws -> Step { .done }
            }
            _ = try? await Workflow<Step>().register(.first, Items()).addExitState(.done).orchestrate(from: .first)
        }
        return ["the process ends": result != nil]
    }

    func inResource(setsUp: Bool) async -> Facts {
        let result = await #expect(processExitsWith: .failure) { [setsUp] in
            struct Trapping: Resource {
                let setsUp: Bool
                func setUp() async throws { if setsUp { TrapScenarios.trap() } }
                func tearDown() async throws { TrapScenarios.trap() }
            }
            let resources = Resources().inserting(Trapping(setsUp: setsUp), for: "trap")
            let workflow = Workflow<Step>(resources: resources).register(.first) { _ in .done }.addExitState(.done)
            _ = try? await workflow.orchestrate(from: .first)
        }
        return ["the process ends": result != nil]
    }

    func resumed() async throws -> Facts {
        // What such a process leaves behind: the row of the state whose task it was in.
        let store = InMemoryCheckpointStore()
        try await store.append(CheckpointRow(sequence: 0, state: "first", task: "task"), to: "r")
        let keys = Journal<String>()
        let workflow = Workflow<Step>.single { context in
            keys.add(context.idempotencyKey)
            return .done
        }
        return ["end": try await workflow.orchestrate(resuming: "r", in: WorkflowRuntime(checkpoints: store)), "keys": keys.entries]
    }

    func policies(which: Int) async -> Facts {
        let result = await #expect(processExitsWith: .failure) { [which] in
            switch which {
            case 0: _ = CircuitPolicy(failureThreshold: 0)
            case 1: _ = CircuitPolicy(halfOpenMaxCalls: 0)
            case 2: _ = RateLimiterPolicy(0, per: .seconds(1))
            case 3: _ = RateLimiterPolicy(1, per: .zero)
            case 4: _ = WindowPolicy(0, per: .seconds(1))
            default: _ = WindowPolicy(1, per: .zero)
            }
        }
        return ["the process ends": result != nil]
    }
}
