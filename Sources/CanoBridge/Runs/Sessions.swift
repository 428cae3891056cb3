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
        /// What is done with runs once they are out of hand.
        var afterwards: [String: @Sendable () -> Void] = [:]
        var isDraining = false

        func isInHand(_ run: String) -> Bool {
            sessions[run] != nil || reserved.contains(run) || accepting.values.contains { $0.run == run }
        }

        /// What is to be done with the run now that it may be out of hand.
        mutating func whatFollows(_ run: String) -> (@Sendable () -> Void)? { isInHand(run) ? nil : afterwards.removeValue(forKey: run) }
    }

    func add(_ session: RunSession) {
        state.withLock { $0.sessions[session.run] = session }
    }

    func remove(_ session: RunSession) {
        let run = session.run
        let follow = state.withLock { state in
            if state.sessions[run] === session { state.sessions[run] = nil }
            return state.whatFollows(run)
        }
        follow?()
    }

    var all: [RunSession] { state.withLock { Array($0.sessions.values) } }

    func session(of run: String) -> RunSession? { state.withLock { $0.sessions[run] } }

    // MARK: Asking for a run

    /// Whether this bridge has a run, or asks Redis for it.
    func isInHand(_ run: String) -> Bool { state.withLock { $0.isInHand(run) } }

    /// How many runs this bridge has or asks Redis for, at most.
    var inHandCount: Int { state.withLock { $0.sessions.count + $0.reserved.count + $0.accepting.count } }

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
        let follow = state.withLock { state in
            state.reserved.remove(run)
            return state.whatFollows(run)
        }
        follow?()
    }

    /// Does something once a run is out of hand: at once where it is. What was to be done then before is not done any more.
    func afterwards(_ run: String, _ action: @escaping @Sendable () -> Void) {
        let isInHand = state.withLock { state in
            guard state.isInHand(run) else { return false }
            state.afterwards[run] = action
            return true
        }
        if !isInHand { action() }
    }

    // MARK: Before a run exists

    func beginAccepting(_ session: RunSession) {
        state.withLock { $0.accepting[ObjectIdentifier(session)] = session }
    }

    func endAccepting(_ session: RunSession) {
        let follow = state.withLock { state in
            state.accepting[ObjectIdentifier(session)] = nil
            return state.whatFollows(session.run)
        }
        follow?()
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
