public import Synchronization

/// Stops one run, and remembers why.
///
/// The first reason counts, unless a later one says that the run goes on elsewhere: then nothing more is done here, whatever it was stopped
/// for before. The run's task is cancelled after the reason was recorded, so that code that notices the cancellation finds it.
public final class RunControl: Sendable {
    @usableFromInline struct State {
        @usableFromInline var reason: StopReason?
        /// Why a run that was stopped already is to be left to another process all the same.
        var handoffReason: StopReason?
        @usableFromInline var cancel: (@Sendable () -> Void)?
        /// What ends a pause of a run that is being undone, whose task is told nothing.
        var endPause: (@Sendable () -> Void)?
        @usableFromInline var isShielded = false
        /// Counts the shields, so that what lifts one lifts no other.
        var shields = 0
        /// Called when the shield keeps a cancellation back, once.
        var whenHeld: Patience?
        /// Takes back what that has begun.
        var takeBack: (@Sendable () -> Void)?
        /// Whether the run was cancelled; a cancellation waits for the shield to go.
        var isCancelled = false
        /// Whether the run is being undone: its own time no longer counts.
        var isUndone = false
    }

    /// Lets a cancellation through in time that a shield keeps back: it is given what lifts the shield, and answers what takes that back.
    @usableFromInline typealias Patience = @Sendable (_ lift: @escaping @Sendable () -> Void) -> @Sendable () -> Void

    @usableFromInline let state = Mutex(State())
    /// Whether anything has stopped the run: asked for far more often than that happens, and without the lock.
    private let isTouched = Atomic(false)
    private let unexplainedCancellation: StopReason

    /// Creates a control for one run.
    ///
    /// - Parameter unexplainedCancellation: What it means when the run's task is cancelled without a reason.
    public init(unexplainedCancellation: StopReason = .cancelled(reason: nil)) {
        self.unexplainedCancellation = unexplainedCancellation
    }

    /// Stops the run. Does nothing when it has been stopped or has ended; but a run that was cancelled, or is being rolled back, can still
    /// be handed back, and one that was handed back can still be lost.
    public func stop(_ reason: StopReason) {
        let (cancel, endPause) = state.withLock { state -> ((@Sendable () -> Void)?, (@Sendable () -> Void)?) in
            isTouched.store(true, ordering: .releasing)
            let endPause = reason.endsRun ? nil : state.endPause
            if reason == .timedOut, state.isUndone { return (nil, nil) }
            guard state.reason == nil else {
                // What was lost cannot be handed back any more.
                if reason == .ownershipLost || !reason.endsRun && state.handoff == nil { state.handoffReason = reason }
                return (nil, endPause)
            }
            state.reason = reason
            return (cancelNow(&state), endPause)
        }
        cancel?()
        endPause?()
    }

    /// Why the run was stopped; `nil` while it wasn't.
    public var stopReason: StopReason? { wasTouched ? state.withLock { $0.reason } : nil }

    private var wasTouched: Bool { isTouched.load(ordering: .acquiring) }

    /// The task that waits for the run was cancelled, for whatever reason.
    @usableFromInline func cancelUnexplained() {
        let cancel = state.withLock { state in
            isTouched.store(true, ordering: .releasing)
            return cancelNow(&state)
        }
        cancel?()
    }

    /// Runs the body in a task that a stop cancels. The caller's own task is left alone, and its cancellation is one of the run.
    @inlinable func inStoppableTask<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) async -> Value {
        let isCancelled = Task.isCancelled
        let work = attach { isStopped in
            let work = Task {
                // From outside that would come too late for what is done first.
                if isCancelled || isStopped { withUnsafeCurrentTask { $0?.cancel() } }
                return await body()
            }
            return (work, { work.cancel() })
        }
        let value = await withTaskCancellationHandler {
            await work.value
        } onCancel: {
            cancelUnexplained()
        }
        detach()
        return value
    }

    /// Begins what a stop is to cancel, also one that has happened already. It begins under the lock, so that a stop that comes from it finds
    /// how to cancel it.
    ///
    /// - Parameter begin: Begins it, knowing whether the run has been stopped.
    /// - Returns: What was begun.
    @inlinable func attach<Work: Sendable>(_ begin: (_ isStopped: Bool) -> (Work, cancel: @Sendable () -> Void)) -> Work {
        let (work, cancel, isStopped) = state.withLock { state in
            let (work, cancel) = begin(state.reason != nil)
            state.cancel = cancel
            return (work, cancel, state.reason != nil && !state.isShielded)
        }
        if isStopped { cancel() }
        return work
    }

    /// Nothing is left to be cancelled.
    @usableFromInline func detach() {
        let takeBack = state.withLock { state in
            state.cancel = nil
            return state.endPatience()
        }
        takeBack?()
    }

    /// Keeps cancellations away from the run until ``unshield()``.
    ///
    /// - Parameter whenHeld: Called when one is kept back.
    /// - Returns: Whether one has come before.
    @usableFromInline func shield(whenHeld: Patience? = nil) -> Bool {
        state.withLock { state in
            state.whenHeld = whenHeld
            state.raiseShield()
            return state.isCancelled
        }
    }

    /// Keeps cancellations away as before ``pauseShield()``.
    func shieldAgain() { state.withLock { $0.raiseShield() } }

    /// Lets cancellations through until ``shieldAgain()``, and one that came meanwhile.
    func pauseShield() {
        let cancel = state.withLock { lowerShield(&$0) }
        cancel?()
    }

    private func lift(_ shield: Int) {
        if state.withLock({ $0.isShielded && !$0.isUndone && $0.shields == shield }) { unshield() }
    }

    /// The run is undone from now on, which no cancellation reaches.
    func beginUndoing() {
        state.withLock { state in
            state.isShielded = true
            state.isUndone = true
        }
    }

    /// Whether the run was stopped, for whatever reason.
    var isStopped: Bool { wasTouched && state.withLock { $0.isCancelled || $0.reason != nil } }

    /// Whether the run was cancelled, as opposed to everything else that stops one.
    var wasCancelled: Bool { if case .cancelled? = stopReason { true } else { false } }

    /// What cancels the run; when it is shielded, what waits until it is to be cancelled, if anything does.
    private func cancelNow(_ state: inout State) -> (@Sendable () -> Void)? {
        state.isCancelled = true
        guard state.isShielded else { return state.cancel }
        guard let whenHeld = state.whenHeld, !state.isUndone else { return nil }
        state.whenHeld = nil
        let shield = state.shields
        return { self.hold(during: shield, whenHeld) }
    }

    private func hold(during shield: Int, _ whenHeld: Patience) {
        let takeBack = whenHeld { self.lift(shield) }
        let isTooLate = state.withLock { state in
            guard state.isShielded, state.shields == shield else { return true }
            state.takeBack = takeBack
            return false
        }
        if isTooLate { takeBack() }
    }

    /// Lets cancellations through again, and one that came meanwhile.
    @usableFromInline func unshield() {
        let (cancel, takeBack) = state.withLock { state in
            let takeBack = state.endPatience()
            return (lowerShield(&state), takeBack)
        }
        takeBack?()
        cancel?()
    }

    /// - Returns: What cancels the run, if it is to be cancelled.
    private func lowerShield(_ state: inout State) -> (@Sendable () -> Void)? {
        state.isShielded = false
        return state.isCancelled ? cancelNow(&state) : nil
    }

    /// Why another process is to continue the run; `nil` while it is this process's, though it may be over.
    public var handoffReason: StopReason? { wasTouched ? state.withLock { handoff(in: $0) } : nil }

    private func handoff(in state: State) -> StopReason? {
        if let reason = state.handoff { return reason }
        return state.reason == nil && state.isCancelled && !unexplainedCancellation.endsRun ? unexplainedCancellation : nil
    }

    /// Waits in a run that is being undone, which no cancellation reaches: only its handover ends the wait early.
    ///
    /// - Parameter wait: Waits until it is cancelled at most.
    /// - Returns: What it came to.
    @discardableResult func pause<Value: Sendable>(
        _ wait: @escaping @Sendable () async throws -> Value
    ) async -> Result<Value, any Error> {
        let sleep = Task { try await wait() }
        let isTooLate = state.withLock { state in
            state.endPause = { sleep.cancel() }
            return handoff(in: state) != nil
        }
        if isTooLate { sleep.cancel() }
        defer { state.withLock { $0.endPause = nil } }
        return await withTaskCancellationHandler {
            await sleep.result
        } onCancel: {
            sleep.cancel()
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
    /// Why the run was said to go on elsewhere; `nil` when it wasn't.
    fileprivate var handoff: StopReason? { handoffReason ?? reason.flatMap { $0.endsRun ? nil : $0 } }

    fileprivate mutating func raiseShield() {
        isShielded = true
        shields += 1
    }

    /// - Returns: What takes back what a shield has begun.
    fileprivate mutating func endPatience() -> (@Sendable () -> Void)? {
        whenHeld = nil
        defer { takeBack = nil }
        return takeBack
    }
}
