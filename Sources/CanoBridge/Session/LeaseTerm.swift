import CanoCore
import Synchronization

/// Until when a run is certainly this bridge's.
///
/// The term is counted from before a renewal was sent, so it ends here before it ends in Redis. Past it nothing of the run
/// is begun: another bridge may have it.
final class LeaseTerm: Sendable {
    private let clock: any EngineClock
    private let state: Mutex<State>

    private struct State {
        var end: MonotonicInstant
        var isOver = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    init(until end: MonotonicInstant, clock: any EngineClock) {
        self.clock = clock
        state = Mutex(State(end: end))
    }

    /// Whether the run is certainly this bridge's right now.
    var isCertain: Bool {
        let now = clock.now
        return state.withLock { $0.end > now }
    }

    /// A renewal that was sent a lease before this moment says that the run is this bridge's.
    func extend(until end: MonotonicInstant) {
        resume { $0.end = max($0.end, end) }
    }

    /// The run is not to go on here: nobody needs to wait any more.
    func finish() {
        resume { $0.isOver = true }
    }

    /// Returns once the run is certainly this bridge's, or is not to go on here.
    func untilCertain() async {
        while !isCertain, !state.withLock({ $0.isOver }) {
            await withCheckedContinuation { continuation in
                let mayGoOn = state.withLock { state in
                    if state.isOver || state.end > clock.now { return true }
                    state.waiting.append(continuation)
                    return false
                }
                if mayGoOn { continuation.resume() }
            }
        }
    }

    private func resume(_ change: (inout State) -> Void) {
        let waiting = state.withLock { state in
            change(&state)
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
