import CanoCore
import FileCheckpoints
import Foundation

enum Backup: String, WorkflowState, CaseIterable {
    typealias Output = String
    case customers, orders, invoices, complete
}

// In the middle of a step, after its effect: the worst moment there is.
func powerCut() {
    fflush(nil)
    kill(getpid(), SIGKILL)
}

let run: RunID = "backup-1"
let logs = try FileCheckpointStore(path: CommandLine.arguments[1])
let isNew = try await logs.rows(of: run).isEmpty

let backup = Workflow<Backup>("backup", startingAt: .customers) { state in
    switch state {
    case .customers: .step(then: .orders) { context in print("customers are copied [\(context.idempotencyKey)]") }
    case .orders:
        .step(then: .invoices) { context in
            print("orders are copied [\(context.idempotencyKey)]")
            if isNew { powerCut() }
        }
    case .invoices: .step(then: .complete) { context in print("invoices are copied [\(context.idempotencyKey)]") }
    case .complete: .exit { run in "\(run.runID) is complete" }
    }
}

let runtime = WorkflowRuntime(checkpoints: logs)
print(isNew ? "\(run) begins" : "\(run) goes on")
print(isNew ? try await backup.run(as: run, in: runtime) : try await backup.resume(run, in: runtime))
