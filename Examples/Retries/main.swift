import CanoCore
import Synchronization

// A printer that jams for its first two pages, and a job that no attempt makes printable.
final class Printer: Sendable {
    struct Jam: RetryAfterError {
        let retryAfter = Duration.milliseconds(5)
    }

    struct Unreadable: TerminalError, CodedError, CustomStringConvertible {
        let code = "unreadable"
        let description = "the file is no document"
    }

    private let jams = Mutex(2)

    func print(_ file: String) throws {
        guard file.hasSuffix(".pdf") else { throw Unreadable() }
        let isJammed = jams.withLock { jams in
            jams -= 1
            return jams >= 0
        }
        if isJammed { throw Jam() }
    }
}

enum Job: String, WorkflowState, CaseIterable {
    typealias Input = String
    typealias Output = String
    case print, printed
}

struct Clerk: WorkflowObserver {
    func workflow(_ run: RunID, did event: WorkflowEvent) {
        if case .taskRetried(_, _, let attempt, let delay, _) = event { Swift.print("attempt \(attempt) failed, the next one in \(delay)") }
    }
}

let printer = Printer()
// Pauses grow from 100 ms and double; an error that knows better names its own, and one that is terminal ends the task at once.
let job = Workflow<Job>("job", startingAt: .print) { state in
    switch state {
    case .print:
        .step(config: TaskConfig(retry: .exponential(4), attemptTimeout: .seconds(10)), then: .printed) { context in
            try printer.print(context.input)
            return context.attempt
        }
    case .printed: .exit(taking: Int.self) { attempt, run in "\(run.input) is printed at attempt \(attempt)" }
    }
}

for file in ["report.pdf", "holiday.exe"] {
    do throws(CanoError) {
        print(try await job.run(file, in: WorkflowRuntime(observers: [Clerk()])))
    } catch {
        print("\(error.code) at attempt \(error.attempt ?? 0): \(error.message)")
    }
}
