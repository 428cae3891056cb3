public import Synchronization

/// A part of a run, in a task of its own that can be left behind.
///
/// An attempt with a timeout must run in a task that the run need not wait for. Making one for each attempt costs ten times
/// what a transition does, so one segment runs state after state, and only when an attempt overruns does another segment go on
/// where that one was. At any moment one segment has the run: its attempts' ends and deadlines decide which.
@usableFromInline final class RunSegment<State: WorkflowState>: Sendable {
    /// How a segment ended.
    @usableFromInline enum End: Sendable {
        /// The run came to an exit or failed; the driver as it is then.
        case ended(RunDriver<State>, Result<State, any Error>)
        /// An attempt at this node overran; the driver as it was before it. An abandoned one may still be running.
        case overrun(RunDriver<State>, StateNode<State>, isAbandoned: Bool)
    }

    /// Thrown in a segment that no longer has the run.
    @usableFromInline struct IsOver: Error {
        @usableFromInline init() {}
    }

    /// Where the run is while an attempt is under way: what another segment needs to go on.
    @usableFromInline struct Place {
        @usableFromInline let driver: RunDriver<State>
        @usableFromInline let node: StateNode<State>

        @inlinable init(driver: RunDriver<State>, node: StateNode<State>) {
            self.driver = driver
            self.node = node
        }
    }

    @usableFromInline struct Progress {
        @usableFromInline var waiter: CheckedContinuation<End, Never>?
        @usableFromInline var work: Task<Void, Never>?
        /// `nil` between attempts.
        @usableFromInline var place: Place?
        @usableFromInline var attempt = AttemptTimeline<Void>()
        @usableFromInline var deadline = MonotonicInstant.distantFuture
        /// One alarm serves attempt after attempt: it is set anew only when it comes too early.
        @usableFromInline var alarm: DeadlineQueue.ID?
        @usableFromInline var alarmComesAt = MonotonicInstant.distantFuture
        @usableFromInline var grace: DeadlineQueue.ID?
        @usableFromInline var isStopped = false
        @usableFromInline var isCancelled = false
    }

    @usableFromInline let progress = Mutex(Progress())
    @usableFromInline let runtime: WorkflowRuntime

    @usableFromInline init(in runtime: WorkflowRuntime) { self.runtime = runtime }

    /// Runs states until one is an exit or an attempt has overrun.
    @inlinable func run(
        _ driver: RunDriver<State>, _ body: @escaping @Sendable (inout RunDriver<State>) async throws -> State
    ) async -> End {
        let end = await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                progress.withLock { $0.waiter = waiter }
                let work = Task {
                    var driver = driver
                    driver.segment = self
                    let result: Result<State, any Error>
                    do { result = .success(try await body(&driver)) } catch is IsOver { return } catch { result = .failure(error) }
                    driver.segment = nil
                    progress.withLock { Self.take(&$0.waiter) }?.resume(returning: .ended(driver, result))
                }
                let isTooLate = progress.withLock { progress in
                    progress.work = work
                    return progress.isCancelled
                }
                if isTooLate { work.cancel() }
            }
        } onCancel: {
            stop()
        }
        let (alarm, grace) = progress.withLock { ($0.alarm, $0.grace) }
        if let alarm { runtime.deadlines.remove(alarm) }
        if let grace { runtime.deadlines.remove(grace) }
        return end
    }

    /// An attempt begins that may take so long, or as long as it wants.
    @inlinable func begin(_ node: StateNode<State>, timeout: Duration?, by driver: RunDriver<State>) {
        let deadline = timeout.map { runtime.clock.now.advanced(by: $0) } ?? .distantFuture
        progress.withLock { progress in
            progress.place = Place(driver: driver, node: node)
            progress.attempt = AttemptTimeline()
            progress.deadline = deadline
            if progress.isStopped, progress.attempt.stopCame() { startGrace(&progress) }
            if deadline < progress.alarmComesAt { setAlarm(&progress) }
        }
    }

    /// The attempt has returned or thrown.
    ///
    /// - Throws: ``IsOver`` when it did so too late, and the run goes on elsewhere.
    @inlinable func end() throws {
        let overrun = try progress.withLock { progress -> (CheckedContinuation<End, Never>, End)? in
            switch progress.attempt.finished(.success(())) {
            case .returned:
                progress.place = nil
                return nil
            case .timedOut:
                return Self.overrun(&progress, isAbandoned: false)
            case .abandoned, nil:
                throw IsOver()
            }
        }
        guard let (waiter, end) = overrun else { return }
        waiter.resume(returning: end)
        throw IsOver()
    }

    private func alarmCame() {
        let work = progress.withLock { progress -> Task<Void, Never>? in
            progress.alarmComesAt = .distantFuture
            guard progress.place != nil, progress.deadline < .distantFuture else { return nil }
            guard runtime.clock.now >= progress.deadline else {
                setAlarm(&progress)
                return nil
            }
            return progress.attempt.deadlineCame() ? cancel(&progress) : nil
        }
        work?.cancel()
    }

    @usableFromInline func stop() {
        let work = progress.withLock { progress -> Task<Void, Never>? in
            progress.isStopped = true
            progress.isCancelled = true
            guard progress.place != nil, progress.attempt.stopCame() else { return progress.work }
            return cancel(&progress)
        }
        work?.cancel()
    }

    private func graceEnded() {
        let overrun = progress.withLock { progress -> (CheckedContinuation<End, Never>, End)? in
            guard case .abandoned? = progress.attempt.graceEnded() else { return nil }
            return Self.overrun(&progress, isAbandoned: true)
        }
        if let (waiter, end) = overrun { waiter.resume(returning: end) }
    }

    /// - Returns: The task to be cancelled.
    private func cancel(_ progress: inout Progress) -> Task<Void, Never>? {
        progress.isCancelled = true
        startGrace(&progress)
        return progress.work
    }

    @usableFromInline func startGrace(_ progress: inout Progress) {
        guard let period = progress.place?.node.config.grace(in: runtime) else { return }
        if let earlier = progress.grace { runtime.deadlines.remove(earlier) }
        progress.grace = runtime.deadlines.add(at: runtime.clock.now.advanced(by: period)) { self.graceEnded() }
    }

    @usableFromInline func setAlarm(_ progress: inout Progress) {
        if let earlier = progress.alarm { runtime.deadlines.remove(earlier) }
        progress.alarmComesAt = progress.deadline
        progress.alarm = runtime.deadlines.add(at: progress.deadline) { self.alarmCame() }
    }

    @usableFromInline static func overrun(_ progress: inout Progress, isAbandoned: Bool) -> (CheckedContinuation<End, Never>, End)? {
        guard let waiter = take(&progress.waiter), let place = take(&progress.place) else { return nil }
        return (waiter, .overrun(place.driver, place.node, isAbandoned: isAbandoned))
    }

    @inlinable static func take<Value>(_ value: inout Value?) -> Value? {
        defer { value = nil }
        return value
    }
}
