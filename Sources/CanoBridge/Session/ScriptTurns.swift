import Synchronization

/// Lets one script of a run be under way at a time.
///
/// The engine waits for each step, so at most one waits: behind what is published meanwhile.
final class ScriptTurns: Sendable {
    private let state = Mutex(State())

    private struct State {
        var isTaken = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    /// Takes the turn if it is free.
    func takeIfFree() -> Bool {
        state.withLock { state in
            guard !state.isTaken else { return false }
            state.isTaken = true
            return true
        }
    }

    /// Takes the turn once it is free.
    func take() async {
        if takeIfFree() { return }
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                if state.isTaken {
                    state.waiting = continuation
                    return false
                }
                state.isTaken = true
                return true
            }
            if isFree { continuation.resume() }
        }
    }

    /// Gives the turn to who waits for it.
    func give() {
        let next = state.withLock { state in
            defer { state.waiting = nil }
            state.isTaken = state.waiting != nil
            return state.waiting
        }
        next?.resume()
    }
}
