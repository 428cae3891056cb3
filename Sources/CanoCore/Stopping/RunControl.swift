import Synchronization

/// Stops one run, and remembers why.
///
/// The first reason counts; the run's task is cancelled after it was recorded, so that code that notices the cancellation
/// finds the reason.
public final class RunControl: Sendable {
    fileprivate struct State {
        var reason: StopReason?
        /// Why a run that is over, but still being undone, is to be left to another process.
        var handoffReason: StopReason?
        var cancel: (@Sendable () -> Void)?
        var isShielded = false
        /// Whether a cancellation waits for the shield to go.
        var isCancelled = false
    }

    private let state = Mutex(State())
    private let unexplainedCancellation: StopReason

    /// Creates a control for one run.
    ///
    /// - Parameter unexplainedCancellation: What it means when the run's task is cancelled without a reason.
    public init(unexplainedCancellation: StopReason = .cancelled(reason: nil)) {
        self.unexplainedCancellation = unexplainedCancellation
    }

    /// Stops the run. Does nothing when it has been stopped or has ended; but a run that is being rolled back can still be
    /// handed back, and lost.
    public func stop(_ reason: StopReason) {
        let cancel = state.withLock { state -> (@Sendable () -> Void)? in
            guard state.reason == nil else {
                if !reason.endsRun, state.handoffReason == nil { state.handoffReason = reason }
                return nil
            }
            state.reason = reason
            return state.cancelNow()
        }
        cancel?()
    }

    /// Why the run was stopped; `nil` while it wasn't.
    public var stopReason: StopReason? { state.withLock { $0.reason } }

    /// The task that waits for the run was cancelled, for whatever reason.
    func cancelUnexplained() {
        let cancel = state.withLock { $0.cancelNow() }
        cancel?()
    }

    /// Names what is to be cancelled by a stop, including one that has happened already.
    func attach(_ cancel: @escaping @Sendable () -> Void) {
        let isStopped = state.withLock { state in
            state.cancel = cancel
            return state.reason != nil && !state.isShielded
        }
        if isStopped { cancel() }
    }

    /// Nothing is left to be cancelled.
    func detach() { state.withLock { $0.cancel = nil } }

    /// Keeps cancellations away from the run until ``unshield()``.
    func shield() { state.withLock { $0.isShielded = true } }

    /// Lets cancellations through again, and one that came meanwhile.
    func unshield() {
        let cancel = state.withLock { state in
            state.isShielded = false
            return state.isCancelled ? state.cancelNow() : nil
        }
        cancel?()
    }

    /// Why another process is to continue the run; `nil` while it is this process's, though it may be over.
    public var handoffReason: StopReason? {
        state.withLock { state in
            if let reason = state.handoffReason { return reason }
            if let reason = state.reason { return reason.endsRun ? nil : reason }
            return state.isCancelled && !unexplainedCancellation.endsRun ? unexplainedCancellation : nil
        }
    }

    /// The reason behind a cancellation that was noticed; an unexplained one gets its meaning here, once.
    func resolveReason() -> StopReason {
        state.withLock { state in
            let reason = state.reason ?? unexplainedCancellation
            state.reason = reason
            return reason
        }
    }
}

extension RunControl.State {
    /// What cancels the run; `nil` when it is shielded, and is to be cancelled later.
    fileprivate mutating func cancelNow() -> (@Sendable () -> Void)? {
        isCancelled = true
        return isShielded ? nil : cancel
    }
}
