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

    /// An end that the segment's waiter is still to be told.
    @usableFromInline final class Overrun: Sendable {
        private let waiter: CheckedContinuation<End, Never>
        private let end: End

        init(_ waiter: CheckedContinuation<End, Never>, _ end: End) {
            self.waiter = waiter
            self.end = end
        }

        @usableFromInline func tell() { waiter.resume(returning: end) }
    }

    /// Thrown in a segment that no longer has the run.
    @usableFromInline struct IsOver: Error {
        @usableFromInline init() {}
    }

    @usableFromInline struct Progress: Sendable {
        /// The run's driver while an attempt is under way, from which another segment would go on. Between attempts an idle one is here: the
        /// two change places, and no reference is counted.
        @usableFromInline var driver: RunDriver<State>
        @usableFromInline var waiter: CheckedContinuation<End, Never>?
        @usableFromInline var work: Task<Void, Never>?
        /// Whose attempt is under way.
        @usableFromInline var node: StateNode<State>?
        @usableFromInline var attempt = AttemptTimeline()
        @usableFromInline var deadline = MonotonicInstant.distantFuture
        /// One alarm serves attempt after attempt: it is set anew only when it comes too early.
        @usableFromInline var alarm: DeadlineQueue.ID?
        @usableFromInline var alarmComesAt = MonotonicInstant.distantFuture
        @usableFromInline var grace: DeadlineQueue.ID?
        @usableFromInline var isStopped = false
        @usableFromInline var isCancelled = false

        @inlinable init(driver: RunDriver<State>) { self.driver = driver }
    }

    @usableFromInline let progress: Mutex<Progress>
    @usableFromInline let runtime: WorkflowRuntime

    @usableFromInline init(of driver: RunDriver<State>) {
        progress = Mutex(Progress(driver: driver.idle))
        runtime = driver.run.runtime
    }

    /// Runs states until one is an exit or an attempt has overrun.
    @inlinable func run(
        _ driver: RunDriver<State>, _ body: @escaping @Sendable (inout RunDriver<State>) async throws -> State
    ) async -> End {
        let end = await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                // Under the lock, so that a stop that comes from the body finds what it is to cancel. After a stop that came before, the task
                // cancels itself: from outside that would come too late for its first states.
                progress.withLock { progress in
                    progress.waiter = waiter
                    let isCancelled = progress.isCancelled
                    progress.work = Task {
                        if isCancelled { withUnsafeCurrentTask { $0?.cancel() } }
                        var driver = driver
                        driver.segment = self
                        let result: Result<State, any Error>
                        do { result = .success(try await body(&driver)) } catch is IsOver { return } catch { result = .failure(error) }
                        driver.segment = nil
                        self.progress.withLock { Self.take(&$0.waiter) }?.resume(returning: .ended(driver, result))
                    }
                }
            }
        } onCancel: {
            stop()
        }
        let (alarm, grace) = progress.withLock { ($0.alarm, $0.grace) }
        if let alarm { runtime.deadlines.remove(alarm) }
        if let grace { runtime.deadlines.remove(grace) }
        return end
    }

    /// An attempt begins that may take so long, or as long as it wants. The driver is the segment's until it ends.
    @inlinable func begin(_ node: StateNode<State>, timeout: Duration?, by driver: inout RunDriver<State>) {
        let deadline = timeout.map { runtime.clock.now.advanced(by: $0) } ?? .distantFuture
        progress.withLock { progress in
            swap(&progress.driver, &driver)
            progress.node = node
            progress.attempt = AttemptTimeline()
            progress.deadline = deadline
            if progress.isStopped, progress.attempt.stopCame() { startGrace(&progress) }
            if deadline < progress.alarmComesAt { setAlarm(&progress) }
        }
    }

    /// The attempt has returned or thrown, and the driver is given back.
    ///
    /// - Throws: ``IsOver`` when it did so too late, and the run goes on elsewhere.
    @inlinable func end(for driver: inout RunDriver<State>) throws {
        // A class, for an optional tuple with a driver in it costs more than the rest here.
        let overrun = try progress.withLock { progress -> Overrun? in
            switch progress.attempt.finished() {
            case .returned:
                swap(&progress.driver, &driver)
                progress.node = nil
                return nil
            case .timedOut:
                return Self.overrun(&progress, isAbandoned: false)
            case .abandoned, nil:
                throw IsOver()
            }
        }
        guard let overrun else { return }
        overrun.tell()
        throw IsOver()
    }

    private func alarmCame() {
        let work = progress.withLock { progress -> Task<Void, Never>? in
            progress.alarmComesAt = .distantFuture
            guard progress.node != nil, progress.deadline < .distantFuture else { return nil }
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
            guard progress.node != nil, progress.attempt.stopCame() else { return progress.work }
            return cancel(&progress)
        }
        work?.cancel()
    }

    private func graceEnded() {
        let overrun = progress.withLock { progress -> Overrun? in
            guard case .abandoned? = progress.attempt.graceEnded() else { return nil }
            return Self.overrun(&progress, isAbandoned: true)
        }
        overrun?.tell()
    }

    /// - Returns: The task to be cancelled.
    private func cancel(_ progress: inout Progress) -> Task<Void, Never>? {
        progress.isCancelled = true
        startGrace(&progress)
        return progress.work
    }

    @usableFromInline func startGrace(_ progress: inout Progress) {
        guard let period = progress.node?.config.grace(in: runtime) else { return }
        if let earlier = progress.grace { runtime.deadlines.remove(earlier) }
        progress.grace = runtime.deadlines.add(at: runtime.clock.now.advanced(by: period)) { self.graceEnded() }
    }

    @usableFromInline func setAlarm(_ progress: inout Progress) {
        if let earlier = progress.alarm { runtime.deadlines.remove(earlier) }
        progress.alarmComesAt = progress.deadline
        progress.alarm = runtime.deadlines.add(at: progress.deadline) { self.alarmCame() }
    }

    @usableFromInline static func overrun(_ progress: inout Progress, isAbandoned: Bool) -> Overrun? {
        guard let waiter = take(&progress.waiter), let node = take(&progress.node) else { return nil }
        let driver = progress.driver
        progress.driver = driver.idle
        return Overrun(waiter, .overrun(driver, node, isAbandoned: isAbandoned))
    }

    @inlinable static func take<Value>(_ value: inout Value?) -> Value? {
        defer { value = nil }
        return value
    }
}
