import CanoCore
import DequeModule
import Synchronization

/// The slots of a bridge, shared by its intake and its runs.
final class RunSlots: Sendable {
    private let state: Mutex<State>
    private let clock: any EngineClock

    private struct State {
        var count: SlotCount
        /// Runs that were read while the last slots were taken; each gets the next slot in turn.
        var runs = Deque<CheckedContinuation<Void, Never>>()
        /// The intake, which reads once there is room.
        var intake: CheckedContinuation<Void, Never>?
    }

    /// How long the intake waits for more slots when few are free.
    private static let patience: Duration = .milliseconds(1)

    init(total: Int, clock: any EngineClock) {
        state = Mutex(State(count: SlotCount(total: total)))
        self.clock = clock
    }

    /// How many entries may be read now.
    var room: Int { state.withLock { $0.count.room } }

    /// Waits until an entry may be read; how many may.
    ///
    /// - Throws: `CancellationError` when the intake is to end.
    func waitForRoom() async throws -> Int {
        try await waitForOne()
        if state.withLock({ $0.count.isWorthWaiting }) { try await clock.sleep(for: Self.patience) }
        return max(1, room)
    }

    /// Takes a slot, waiting for one when more was read than there was room for.
    func take() async {
        await withCheckedContinuation { continuation in
            let isTaken = state.withLock { state in
                let isTaken = state.count.take()
                if !isTaken { state.runs.append(continuation) }
                return isTaken
            }
            if isTaken { continuation.resume() }
        }
    }

    /// Gives a slot back.
    func give() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            // The slot goes straight to the run that waits longest.
            if let run = state.runs.popFirst() { return run }
            state.count.give()
            defer { state.intake = nil }
            return state.intake
        }
        next?.resume()
    }

    private func waitForOne() async throws {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let hasRoom = state.withLock { state in
                    if state.count.room > 0 || Task.isCancelled { return true }
                    state.intake = continuation
                    return false
                }
                if hasRoom { continuation.resume() }
            }
        } onCancel: {
            let waiting = state.withLock { state in
                defer { state.intake = nil }
                return state.intake
            }
            waiting?.resume()
        }
        try Task.checkCancellation()
    }
}
