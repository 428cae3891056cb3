import Synchronization

/// Counts what a bridge has begun and not ended, so that a stop can wait for it.
final class WorkInHand: Sendable {
    private let state = Mutex(State())

    private struct State {
        var count = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    func begin() {
        state.withLock { $0.count += 1 }
    }

    func end() {
        resume { state in
            state.count -= 1
            return state.count == 0
        }
    }

    /// Returns when nothing is in hand any more, or the caller is cancelled.
    func waitUntilNone() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.count == 0 || Task.isCancelled { return true }
                    state.waiting.append(continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            resume { _ in true }
        }
    }

    private func resume(_ isDue: (inout State) -> Bool) {
        let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            guard isDue(&state) else { return [] }
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
