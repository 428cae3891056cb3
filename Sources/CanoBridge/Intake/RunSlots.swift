import CanoCore
import Synchronization

/// The slots of a bridge, shared by its intake and its runs.
final class RunSlots: Sendable {
    private let state: Mutex<State>
    private let clock: any EngineClock

    private struct State {
        var count: SlotCount
        var waiting: CheckedContinuation<Void, Never>?
    }

    /// How long the intake waits for more slots when few are free.
    private static let patience: Duration = .milliseconds(1)

    init(total: Int, clock: any EngineClock) {
        state = Mutex(State(count: SlotCount(total: total)))
        self.clock = clock
    }

    /// Waits until a slot is free and takes as many as one read may fill.
    ///
    /// - Throws: `CancellationError` when the intake is to end.
    func takeForRead() async throws -> Int {
        try await waitForOne()
        if state.withLock({ $0.count.isWorthWaiting }) { try await clock.sleep(for: Self.patience) }
        return state.withLock { $0.count.take(atMost: SlotCount.largestRead) }
    }

    /// Takes as many as are free now, for entries that need no waiting read.
    func takeFree(atMost limit: Int = SlotCount.largestRead) -> Int {
        state.withLock { $0.count.take(atMost: limit) }
    }

    func give(back count: Int) {
        guard count > 0 else { return }
        let waiting = state.withLock { state in
            state.count.give(back: count)
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume()
    }

    private func waitForOne() async throws {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isFree = state.withLock { state in
                    if state.count.free > 0 || Task.isCancelled { return true }
                    state.waiting = continuation
                    return false
                }
                if isFree { continuation.resume() }
            }
        } onCancel: {
            let waiting = state.withLock { state in
                defer { state.waiting = nil }
                return state.waiting
            }
            waiting?.resume()
        }
        try Task.checkCancellation()
    }
}
