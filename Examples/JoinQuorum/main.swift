import CanoCore

struct DiskFull: Error {}

enum Writing: String, WorkflowState, CaseIterable {
    typealias Input = String
    case replicate, written
}

struct Replica: BranchTask {
    let name: String
    let isFull: Bool

    var config: TaskConfig { .minimal }

    func run(_ context: TaskContext<Writing>) async throws -> String {
        if isFull { throw DiskFull() }
        return name
    }
}

// A value is safe once a majority of the replicas has it.
func writing(to replicas: [Replica]) -> Workflow<Writing> {
    Workflow("writing", startingAt: .replicate) { state in
        switch state {
        case .replicate: .split(replicas, join: JoinConfig(.quorum(replicas.count / 2 + 1)), then: .written)
        case .written: .exit
        }
    }
}

for full in [["c"], ["b", "c"]] {
    let replicas = ["a", "b", "c"].map { Replica(name: $0, isFull: full.contains($0)) }
    do throws(CanoError) {
        try await writing(to: replicas).run("balance=100")
        print("without \(full): written")
    } catch {
        // The join has failed as soon as it could not be met any more. The errors of its branches are the causes.
        print("without \(full): not written, \(error.causes.count) replicas failed: \(error.causes[0].message)")
    }
}
