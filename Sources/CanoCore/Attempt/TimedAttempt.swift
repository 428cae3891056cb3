import Synchronization

/// Runs one attempt in a task of its own, so that it can be left behind.
///
/// A child of a task group could not: the group would wait for it.
final class TimedAttempt<Success: Sendable>: Sendable {
    typealias Timeline = AttemptTimeline<Result<Success, any Error>>

    private struct State {
        var timeline = Timeline()
        var waiter: CheckedContinuation<Timeline.End, Never>?
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
    func run(
        timeout: Duration?, _ body: @escaping @concurrent @Sendable () async throws -> Success
    ) async -> Timeline.End {
        let deadline = timeout.map { timeout in
            runtime.deadlines.add(at: runtime.clock.now.advanced(by: timeout)) { self.cancel { $0.deadlineCame() } }
        }
        // Under the lock, so that a stop that comes from the body finds what it is to cancel.
        let cancelled = state.withLock { state -> Task<Void, Never>? in
            let work = Task {
                let result: Result<Success, any Error>
                do { result = .success(try await body()) } catch { result = .failure(error) }
                self.finished(result)
            }
            state.work = work
            if case .running = state.timeline.phase { return nil }
            return work
        }
        if isCancelledAtOnce { cancelled?.cancel() }
        let end = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ended = state.withLock { state -> Timeline.End? in
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

    private func finished(_ result: Result<Success, any Error>) { resolve { $0.finished(result) } }

    /// Gives the work its grace period, and cancels it, when the event says so.
    private func cancel(_ event: (inout Timeline) -> Bool) {
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

    private func resolve(_ event: (inout Timeline) -> Timeline.End?) {
        let resumption = state.withLock {
            state -> (CheckedContinuation<Timeline.End, Never>, Timeline.End)? in
            guard let end = event(&state.timeline), let waiter = state.waiter else { return nil }
            state.waiter = nil
            return (waiter, end)
        }
        if let (waiter, end) = resumption { waiter.resume(returning: end) }
    }
}
