import CanoCore
import DequeModule
import Synchronization

/// The slots of a bridge, shared by its intake and its runs.
final class RunSlots: Sendable {
    private let state: Mutex<State>
    private let clock: any EngineClock

    private struct State {
        var count: SlotCount
        /// Runs to be taken over, which come first: nobody works on them.
        var claims = Deque<(id: UInt64, continuation: CheckedContinuation<Bool, Never>)>()
        var lastClaim: UInt64 = 0
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

    /// Takes a slot for a run that is taken over, before everybody else who waits for one.
    ///
    /// - Throws: `CancellationError` when the task was cancelled while it waited.
    func takeFirst() async throws {
        let id = state.withLock { state in
            state.lastClaim += 1
            return state.lastClaim
        }
        let isTaken = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isTaken: Bool? = state.withLock { state in
                    if Task.isCancelled { return false }
                    if state.count.take() { return true }
                    state.claims.append((id, continuation))
                    return nil
                }
                if let isTaken { continuation.resume(returning: isTaken) }
            }
        } onCancel: {
            let waiting = state.withLock { state in
                state.claims.firstIndex { $0.id == id }.map { state.claims.remove(at: $0).continuation }
            }
            waiting?.resume(returning: false)
        }
        guard isTaken else { throw CancellationError() }
    }

    /// Gives a slot back.
    func give() {
        // The slot goes straight to who waits longest, runs to be taken over before others.
        let next = state.withLock { state -> (() -> Void)? in
            if let claim = state.claims.popFirst() { return { claim.continuation.resume(returning: true) } }
            if let run = state.runs.popFirst() { return { run.resume() } }
            state.count.give()
            defer { state.intake = nil }
            return state.intake.map { intake in { intake.resume() } }
        }
        next?()
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
