import CanoCore
import Synchronization

/// The runs this bridge has a session for: what a heartbeat renews.
final class SessionRoster: Sendable {
    private let state: Mutex<State>

    private struct State {
        var sessions: [String: RunSession] = [:]
        /// Sessions whose run Redis has not confirmed yet.
        var accepting: [ObjectIdentifier: RunSession] = [:]
        /// Runs somebody here is asking Redis for.
        var asked: Set<String> = []
        var isDraining = false
        var handedBack: [RunIdentity] = []
        var isolation: SuspectIsolation

        func isInHand(_ run: String) -> Bool {
            sessions[run] != nil || asked.contains(run) || accepting.values.contains { $0.identity.run == run }
        }
    }

    /// - Parameter lease: How long a run that may kill its bridge keeps others apart from it.
    init(lease: Duration) {
        state = Mutex(State(isolation: SuspectIsolation(period: lease)))
    }

    func add(_ session: RunSession) {
        state.withLock { $0.sessions[session.identity.run] = session }
    }

    func remove(_ session: RunSession) {
        state.withLock { state in
            if state.sessions[session.identity.run] === session { state.sessions[session.identity.run] = nil }
        }
    }

    var all: [RunSession] { state.withLock { Array($0.sessions.values) } }

    func session(of run: String) -> RunSession? { state.withLock { $0.sessions[run] } }

    // MARK: One session a run

    /// Whether somebody here works on a run, or asks Redis for it.
    func isInHand(_ run: String) -> Bool { state.withLock { $0.isInHand(run) } }

    /// Reserves a run, to ask Redis for it; false when it is in hand: a bridge has one session of a run at most.
    func reserve(_ run: String) -> Bool {
        state.withLock { state in
            guard !state.isInHand(run) else { return false }
            state.asked.insert(run)
            return true
        }
    }

    /// The run was not to be had, or its session is over.
    func unreserve(_ run: String) {
        state.withLock { _ = $0.asked.remove(run) }
    }

    // MARK: Runs that were taken over

    /// Whether a run may be taken over now, next to those that were before.
    func admits(_ run: String, takeovers: Int, at now: MonotonicInstant) -> Bool {
        state.withLock { $0.isolation.admits(run, takeovers: takeovers, at: now) }
    }

    /// A run that was taken over has come a step further, or is no longer here.
    func release(_ run: String) {
        state.withLock { $0.isolation.release(run) }
    }

    // MARK: Before a run exists

    func beginAccepting(_ session: RunSession) {
        state.withLock { $0.accepting[ObjectIdentifier(session)] = session }
    }

    func endAccepting(_ session: RunSession) {
        state.withLock { $0.accepting[ObjectIdentifier(session)] = nil }
    }

    // MARK: Stopping

    /// Whether runs are handed back at their next step.
    var isDraining: Bool { state.withLock { $0.isDraining } }

    func drain() {
        state.withLock { $0.isDraining = true }
    }

    /// Stops every run with this reason, also those not confirmed yet.
    func stopAll(_ reason: StopReason) {
        let (running, accepting) = state.withLock { (Array($0.sessions.values), Array($0.accepting.values)) }
        for session in running + accepting { session.stop(reason) }
    }

    /// Takes note that runs' leases are to be set to 0, once their sessions are gone.
    func handBack(_ runs: [RunIdentity]) {
        state.withLock { $0.handedBack += runs }
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
