import CanoCore
import Synchronization

/// The runs this bridge has a session for, or asks Redis for: one session a run at most.
final class Sessions: Sendable {
    private let state = Mutex(State())

    private struct State {
        var sessions: [String: RunSession] = [:]
        /// Sessions whose run Redis has not confirmed yet.
        var accepting: [ObjectIdentifier: RunSession] = [:]
        /// Runs that this bridge asks Redis for.
        var reserved: Set<String> = []
        var isDraining = false

        func isInHand(_ run: String) -> Bool {
            sessions[run] != nil || reserved.contains(run) || accepting.values.contains { $0.identity.run == run }
        }
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

    // MARK: Asking for a run

    /// Whether this bridge has a run, or asks Redis for it.
    func isInHand(_ run: String) -> Bool { state.withLock { $0.isInHand(run) } }

    /// Reserves a run, to ask Redis for it; false when it is in hand.
    func reserve(_ run: String) -> Bool {
        state.withLock { state in
            guard !state.isInHand(run) else { return false }
            state.reserved.insert(run)
            return true
        }
    }

    /// Ends a reservation: the claim failed or the session ended.
    func unreserve(_ run: String) {
        state.withLock { _ = $0.reserved.remove(run) }
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
}
