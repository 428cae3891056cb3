import CanoCore
import CanoTesting
import Testing

/// What a trap does. Each test runs its body in a process of its own and sees how that process ends.
@Suite struct TrapTests {
    /// An index out of range: what a programmer's mistake looks like at run time.
    @Sendable static func trap() {
        let empty: [Int] = []
        _ = empty[empty.count]
    }

    @Test("R-6 changed: a trap in a task is no failed attempt: it ends the process, and no other attempt is made")
    func inTask() async {
        await #expect(processExitsWith: .failure) {
            let workflow = Workflow<Step>.single(config: TaskConfig(retry: .fixed(retries: 3, delay: .zero))) { context in
                if context.attempt == 1 { TrapTests.trap() }
                return .done
            }
            _ = try? await workflow.orchestrate(from: .first)
        }
    }

    @Test("BA-5 changed: a trap in one item ends the process, its siblings included")
    func inItem() async {
        await #expect(processExitsWith: .failure) {
            struct Items: BatchTask {
                var concurrency: Int { 2 }
                func load(_ context: TaskContext) async throws -> [Int] { [1, 2] }
                func process(_ item: Int, _ context: TaskContext) async throws { if item == 2 { TrapTests.trap() } }
                func finish(_ results: [Result<Void, any Error>], _ context: TaskContext) async throws -> Step { .done }
            }
            _ = try? await Workflow<Step>().register(.first, Items()).addExitState(.done).orchestrate(from: .first)
        }
    }

    @Test("RE-5: a trap in a set-up or a tear-down is not caught", arguments: [true, false])
    func inResource(setsUp: Bool) async {
        await #expect(processExitsWith: .failure) { [setsUp] in
            struct Trapping: Resource {
                let setsUp: Bool
                func setUp() async throws { if setsUp { TrapTests.trap() } }
                func tearDown() async throws { TrapTests.trap() }
            }
            let resources = Resources().inserting(Trapping(setsUp: setsUp), for: "trap")
            let workflow = Workflow<Step>(resources: resources).register(.first) { _ in .done }.addExitState(.done)
            _ = try? await workflow.orchestrate(from: .first)
        }
    }

    @Test("R-6 changed: a run whose process trapped goes on in another one, in the visit it was in")
    func resumed() async throws {
        // What such a process leaves behind: the row of the state whose task it was in.
        let store = InMemoryCheckpointStore()
        try await store.append(CheckpointRow(sequence: 0, state: "first", task: "task"), to: "r")
        let keys = Journal<String>()
        let workflow = Workflow<Step>.single { context in
            keys.add(context.idempotencyKey)
            return .done
        }
        #expect(try await workflow.resume("r", in: WorkflowRuntime(checkpoints: store)) == .done)
        #expect(keys.entries == ["r/first/1"])
    }

    @Test("WB-6: policies that make no sense end the process where they are made", arguments: 0..<6)
    func policies(which: Int) async {
        await #expect(processExitsWith: .failure) { [which] in
            switch which {
            case 0: _ = CircuitPolicy(failureThreshold: 0)
            case 1: _ = CircuitPolicy(halfOpenMaxCalls: 0)
            case 2: _ = RateLimiterPolicy(0, per: .seconds(1))
            case 3: _ = RateLimiterPolicy(1, per: .zero)
            case 4: _ = WindowPolicy(0, per: .seconds(1))
            default: _ = WindowPolicy(1, per: .zero)
            }
        }
    }
}
