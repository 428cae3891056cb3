import CanoCore
import CoreMetrics
import MetricsTestKit

enum Baking: String, WorkflowState, CaseIterable {
    case mix, bake, baked
}

struct OvenCold: Error {}

// An observer is told of everything as it happens. It is called inline, so it must not block.
struct Narrator: WorkflowObserver {
    func workflow(_ run: RunID, did event: WorkflowEvent) {
        switch event {
        case .stateEntered(let state, let previous): print("\(run): \(previous ?? "begin") → \(state)")
        case .taskRetried(_, let task, let attempt, _, let error): print("\(run): \(task) failed at attempt \(attempt): \(error.message)")
        default: break
        }
    }
}

// Bootstrap first: a runtime records to what the process has when it is made. Here it is a recorder that can be asked; in a service it is
// what serves Prometheus, such as a bridge's `--admin`.
let metrics = TestMetrics()
MetricsSystem.bootstrap(metrics)

let runtime = WorkflowRuntime(observers: [Narrator(), MetricsObserver()])
let baking = Workflow<Baking>("baking", startingAt: .mix) { state in
    switch state {
    case .mix: .step(then: .bake) { _ in }
    case .bake:
        .step(config: TaskConfig(retry: .fixed(retries: 2, delay: .milliseconds(5))), then: .baked) { context in
            if context.attempt == 1 { throw OvenCold() }
        }
    case .baked: .exit
    }
}

try await baking.run(as: "bread", in: runtime)

for (name, labels) in [
    ("cano_workflow_runs_total", ["outcome": "completed"]), ("cano_task_attempts_total", ["outcome": "failed"]),
    ("cano_task_retries_total", ["task": "bake"]), ("cano_state_enters_total", ["state": "bake"]),
] {
    print(name, labels, metrics.counterTotal(label: name, dimensions: labels.map { ($0, $1) }))
}
