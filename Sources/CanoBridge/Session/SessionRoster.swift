import CanoCore
import Synchronization

/// The runs this bridge has a session for: what a heartbeat renews.
final class SessionRoster: Sendable {
    private let state = Mutex(State())

    private struct State {
        var sessions: [String: RunSession] = [:]
        var isDraining = false
        var handedBack: [RunIdentity] = []
    }

    func add(_ session: RunSession) {
        state.withLock { $0.sessions[session.identity.run] = session }
    }

    func remove(_ session: RunSession) {
        state.withLock { $0.sessions[session.identity.run] = nil }
    }

    var all: [RunSession] { state.withLock { Array($0.sessions.values) } }

    func session(of run: String) -> RunSession? { state.withLock { $0.sessions[run] } }

    // MARK: Stopping

    /// Whether runs are handed back at their next step.
    var isDraining: Bool { state.withLock { $0.isDraining } }

    func drain() {
        state.withLock { $0.isDraining = true }
    }

    /// Takes note that a run's lease is to be set to 0, once its session is gone.
    func handBack(_ session: RunSession) {
        state.withLock { $0.handedBack.append(session.identity) }
    }

    /// The runs whose leases are to be set to 0: those handed back whose session is gone.
    func takeHandedBack() -> [RunIdentity] {
        state.withLock { state in
            let gone = state.handedBack.filter { state.sessions[$0.run] == nil }
            state.handedBack.removeAll { state.sessions[$0.run] == nil }
            return gone
        }
    }
}
