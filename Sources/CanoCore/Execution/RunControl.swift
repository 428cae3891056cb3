import Synchronization

/// Stops one run, and remembers why.
///
/// The first reason counts; the task that drives the run is cancelled after it was recorded, so that whoever notices the
/// cancellation finds the reason.
public final class RunControl: Sendable {
    private struct State {
        var reason: StopReason?
        var cancel: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())
    private let unexplainedCancellation: StopReason

    /// Creates a control for one run.
    ///
    /// - Parameter unexplainedCancellation: What it means when the driving task is cancelled and nobody has said why.
    public init(unexplainedCancellation: StopReason = .cancelled(reason: nil)) {
        self.unexplainedCancellation = unexplainedCancellation
    }

    /// Stops the run. Does nothing when it has been stopped or has ended.
    public func stop(_ reason: StopReason) {
        let cancel = state.withLock { state -> (@Sendable () -> Void)? in
            guard state.reason == nil else { return nil }
            state.reason = reason
            return state.cancel
        }
        cancel?()
    }

    /// Why the run was stopped; `nil` while it wasn't.
    public var stopReason: StopReason? { state.withLock { $0.reason } }

    /// Names what is to be cancelled by a stop, including one that has happened already.
    func attach(_ cancel: @escaping @Sendable () -> Void) {
        let isStopped = state.withLock { state in
            state.cancel = cancel
            return state.reason != nil
        }
        if isStopped { cancel() }
    }

    /// Nothing is left to be cancelled.
    func detach() { state.withLock { $0.cancel = nil } }

    /// The reason behind a cancellation that was noticed; an unexplained one gets its meaning here, once.
    func settle() -> StopReason {
        state.withLock { state in
            let reason = state.reason ?? unexplainedCancellation
            state.reason = reason
            return reason
        }
    }
}
