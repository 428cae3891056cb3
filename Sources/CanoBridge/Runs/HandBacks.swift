import Synchronization

/// The runs that are handed back: their leases are to be set to 0 once their sessions are gone.
final class HandBacks: Sendable {
    private let sessions: Sessions
    private let runs = Mutex<[RunIdentity]>([])

    init(_ sessions: Sessions) {
        self.sessions = sessions
    }

    func add(_ runs: [RunIdentity]) {
        self.runs.withLock { $0 += runs }
    }

    /// Takes the runs whose sessions are gone.
    func takeReady() -> [RunIdentity] {
        runs.withLock { runs in
            guard !runs.isEmpty else { return [] }
            let (waiting, ready) = (runs.filter(hasSession), runs.filter { !hasSession($0) })
            runs = waiting
            return ready
        }
    }

    private func hasSession(_ run: RunIdentity) -> Bool { sessions.session(of: run.run) != nil }
}
