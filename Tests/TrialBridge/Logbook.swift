import CanoCore
import ServiceLifecycle

/// A service that writes down when it is up and down and, as an observer, which states are entered: a line each, in a file.
struct Logbook: Service, WorkflowObserver {
    let path: String

    func run() async throws {
        note("up")
        try? await gracefulShutdown()
        note("down")
    }

    func workflow(_ run: RunID, did event: WorkflowEvent) {
        if case .stateEntered(let state, _) = event { note("\(run) \(state)") }
    }

    private func note(_ line: String) { Notes(path: path).add(line) }
}
