import CanoCore
import Synchronization

// An archive of five pages, of which the last three are away for now.
final class Archive: Sendable {
    struct Away: TerminalError {}

    private let isUp = Mutex(false)

    func comeBack() { isUp.withLock { $0 = true } }

    func page(_ number: Int) throws -> String {
        guard number < 3 || isUp.withLock(\.self) else { throw Away() }
        return "page \(number)"
    }
}

enum Import: String, WorkflowState, CaseIterable {
    typealias Output = String
    case copy, copied
}

struct CopyPages: SteppedTask {
    let archive: Archive

    // After each step its cursor is durable. Without one this is the first step.
    func step(_ context: TaskContext<Import>, from cursor: Int?) async throws -> StepOutcome<Int, Import> {
        let number = (cursor ?? 0) + 1
        print("\(try archive.page(number)) is copied")
        return number < 5 ? .more(number) : .done(.copied)
    }
}

let archive = Archive()
let copying = Workflow<Import>("copying", startingAt: .copy) { state in
    switch state {
    case .copy: .task(CopyPages(archive: archive), leadsTo: [.copied])
    case .copied: .exit { _ in "all pages are copied" }
    }
}

let runtime = WorkflowRuntime(checkpoints: InMemoryCheckpointStore())
do throws(CanoError) {
    print(try await copying.run(as: "archive-1", in: runtime))
} catch {
    print("the run failed: \(error.message)")
}
archive.comeBack()
print("the archive is back")
print(try await copying.resume("archive-1", in: runtime))
