import Synchronization

/// Runs one attempt in a task of its own, so that it can be left behind.
///
/// A child of a task group could not: the group would wait for it. Only what the work came to is kept by its type: what is generic over that
/// looks its types up each time.
final class TimedAttempt: Sendable {
    /// How an attempt ended for the engine, and what the work came to.
    enum End<Success: Sendable>: Sendable {
        case returned(Result<Success, any Error>)
        /// It was past its deadline and then noticed it.
        case timedOut
        /// It was past its deadline, or stopped, and didn't notice in its grace period.
        case abandoned
    }

    private struct State {
        var timeline = AttemptTimeline()
        var waiter: CheckedContinuation<AttemptTimeline.End, Never>?
        var work: Task<Void, Never>?
        var grace: DeadlineQueue.ID?
    }

    private let state = Mutex(State())
    private let runtime: WorkflowRuntime
    private let abandonAfter: Duration
    private let whole: AttemptScope?
    private let isCancelledAtOnce: Bool

    /// - Parameters:
    ///   - runtime: The clock.
    ///   - abandonAfter: How long it gets to notice that it was cancelled.
    ///   - whole: What ends when the work is left behind, so that whatever is part of it is too.
    ///   - isCancelledAtOnce: Whether the work is cancelled when its time to end begins, or only when it is over: nothing cuts it short then.
    init(runtime: WorkflowRuntime, abandonAfter: Duration, endingWith whole: AttemptScope? = nil, isCancelledAtOnce: Bool = true) {
        self.runtime = runtime
        self.abandonAfter = abandonAfter
        self.whole = whole
        self.isCancelledAtOnce = isCancelledAtOnce
    }

    /// Runs the work until it returns, or its time to end is over: after a stop, and after the timeout if it has one.
    func run<Success: Sendable>(
        timeout: Duration?, _ body: @escaping @concurrent @Sendable () async throws -> Success
    ) async -> End<Success> {
        let outcome = Outcome<Success>()
        let end = await end(within: timeout) {
            do { outcome.set(.success(try await body())) } catch { outcome.set(.failure(error)) }
        }
        switch end {
        // It is known before the work is finished.
        case .returned: return outcome.value.map { .returned($0) } ?? .abandoned
        case .timedOut: return .timedOut
        case .abandoned: return .abandoned
        }
    }

    private func end(
        within timeout: Duration?, _ body: @escaping @concurrent @Sendable () async -> Void
    ) async -> AttemptTimeline.End {
        let deadline = timeout.map { timeout in
            runtime.deadlines.add(at: runtime.clock.now.advanced(by: timeout)) { self.cancel { $0.deadlineCame() } }
        }
        // Under the lock, so that a stop that comes from the body finds what it is to cancel.
        let cancelled = state.withLock { state -> Task<Void, Never>? in
            let work = Task {
                await body()
                self.resolve { $0.finished() }
            }
            state.work = work
            if case .running = state.timeline.phase { return nil }
            return work
        }
        if isCancelledAtOnce { cancelled?.cancel() }
        let end = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ended = state.withLock { state -> AttemptTimeline.End? in
                    if case .ended(let end) = state.timeline.phase { return end }
                    state.waiter = continuation
                    return nil
                }
                if let ended { continuation.resume(returning: ended) }
            }
        } onCancel: {
            cancel { $0.stopCame() }
        }
        if let deadline { runtime.deadlines.remove(deadline) }
        if let grace = state.withLock({ $0.grace }) { runtime.deadlines.remove(grace) }
        return end
    }

    /// Gives the work its grace period, and cancels it, when the event says so.
    private func cancel(_ event: (inout AttemptTimeline) -> Bool) {
        let work = state.withLock { state -> Task<Void, Never>? in
            guard event(&state.timeline) else { return nil }
            state.grace = runtime.deadlines.add(at: runtime.clock.now.advanced(by: abandonAfter)) {
                self.resolve { timeline in
                    let end = timeline.graceEnded()
                    if end != nil { _ = self.whole?.endAttempt() }
                    return end
                }
                if !self.isCancelledAtOnce { self.state.withLock { $0.work }?.cancel() }
            }
            return isCancelledAtOnce ? state.work : nil
        }
        work?.cancel()
    }

    private func resolve(_ event: (inout AttemptTimeline) -> AttemptTimeline.End?) {
        let resumption = state.withLock {
            state -> (CheckedContinuation<AttemptTimeline.End, Never>, AttemptTimeline.End)? in
            guard let end = event(&state.timeline), let waiter = state.waiter else { return nil }
            state.waiter = nil
            return (waiter, end)
        }
        if let (waiter, end) = resumption { waiter.resume(returning: end) }
    }
}

/// What work came to, once it has.
private final class Outcome<Success: Sendable>: Sendable {
    private let result = Mutex<Result<Success, any Error>?>(nil)

    var value: Result<Success, any Error>? { result.withLock { $0 } }

    func set(_ result: Result<Success, any Error>) { self.result.withLock { $0 = result } }
}
