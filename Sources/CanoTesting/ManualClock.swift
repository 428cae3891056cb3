public import CanoCore
import Foundation
import Synchronization

/// A clock that moves only when told to, so that a test never waits.
///
/// ```swift
/// let clock = ManualClock()
/// async let end = workflow.run(in: WorkflowRuntime(clock: clock))
/// await clock.waitForSleepers()
/// clock.advance(by: .seconds(30))
/// ```
public final class ManualClock: EngineClock {
    private struct Sleeper {
        let id: UInt64
        let deadline: MonotonicInstant
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct Watcher {
        let isSatisfied: @Sendable ([MonotonicInstant]) -> Bool
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var now = MonotonicInstant(nanoseconds: 0)
        var unixOffset: Int64
        var issued: UInt64 = 0
        var sleepers: [Sleeper] = []
        var cancelled: Set<UInt64> = []
        var watchers: [Watcher] = []
        /// How many sleeps have ended whose tasks have not gone on yet: a thread is still to take them up.
        var wakingUp = 0

        mutating func takeSatisfiedWatchers() -> [Watcher] {
            guard !watchers.isEmpty else { return [] }
            let deadlines = sleepers.map(\.deadline)
            let satisfied = watchers.filter { $0.isSatisfied(deadlines) }
            watchers.removeAll { $0.isSatisfied(deadlines) }
            return satisfied
        }
    }

    private let state: Mutex<State>

    /// For how long nothing is to have begun or ended a sleep before ``skippingWaits(_:)`` moves the clock.
    private static let settlingTime =
        ProcessInfo.processInfo.environment["CANO_SETTLING_MS"].flatMap(Int.init).map { Duration.milliseconds($0) } ?? .microseconds(300)

    /// Creates a clock at instant 0.
    ///
    /// - Parameter unixMilliseconds: What its wall clock shows at first.
    public init(unixMilliseconds: Int64 = 1_700_000_000_000) { state = Mutex(State(unixOffset: unixMilliseconds)) }

    /// The present: the sum of all advances.
    public var now: MonotonicInstant { state.withLock { $0.now } }

    /// The wall clock; it moves with the clock. Setting it is what an operator or a time service does to a machine: no time passes, and
    /// tasks that sleep until an instant go on sleeping.
    public var unixMilliseconds: Int64 {
        get { state.withLock { $0.unixOffset + $0.now.nanoseconds / 1_000_000 } }
        set { state.withLock { $0.unixOffset = newValue - $0.now.nanoseconds / 1_000_000 } }
    }

    /// How many tasks sleep now.
    public var sleeperCount: Int { state.withLock { $0.sleepers.count } }

    /// The earliest instant a task sleeps until.
    public var nextDeadline: MonotonicInstant? { state.withLock { $0.sleepers.map(\.deadline).min() } }

    /// Sleeps until the clock was advanced to the instant.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    public func sleep(until deadline: MonotonicInstant) async throws {
        let id = state.withLock { state in
            state.issued += 1
            return state.issued
        }
        defer {
            state.withLock { state in
                state.cancelled.remove(id)
                state.wakingUp -= 1
            }
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let outcome = state.withLock { state -> (Result<Void, any Error>?, [Watcher]) in
                    if state.cancelled.remove(id) != nil {
                        state.wakingUp += 1
                        return (.failure(CancellationError()), [])
                    }
                    if deadline <= state.now {
                        state.wakingUp += 1
                        return (.success(()), [])
                    }
                    state.sleepers.append(Sleeper(id: id, deadline: deadline, continuation: continuation))
                    return (nil, state.takeSatisfiedWatchers())
                }
                if let result = outcome.0 { continuation.resume(with: result) }
                for watcher in outcome.1 { watcher.continuation.resume() }
            }
        } onCancel: {
            let sleeper = state.withLock { state -> Sleeper? in
                guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else {
                    state.cancelled.insert(id)
                    return nil
                }
                state.wakingUp += 1
                return state.sleepers.remove(at: index)
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Moves the clock and wakes everybody whose instant has come, the earliest first.
    public func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.now = state.now.advanced(by: duration)
            let due = state.sleepers.filter { $0.deadline <= state.now }.sorted { $0.deadline < $1.deadline }
            state.sleepers.removeAll { $0.deadline <= state.now }
            state.wakingUp += due.count
            return due
        }
        for sleeper in due { sleeper.continuation.resume() }
    }

    /// Moves the clock to the earliest instant a task sleeps until; does nothing when none sleeps.
    public func advanceToNextDeadline() {
        guard let next = nextDeadline else { return }
        advance(by: now.duration(to: next))
    }

    /// Returns when that many tasks sleep.
    public func waitForSleepers(_ count: Int = 1) async { await wait { $0.count >= count } }

    /// Returns when a task sleeps until that instant.
    public func waitForSleeper(until deadline: MonotonicInstant) async { await wait { $0.contains(deadline) } }

    /// Runs the body and skips every wait in it: whenever a task sleeps, the clock moves to the next deadline.
    ///
    /// Deadlines come in their order, but work between two sleeps takes no time on this clock. The clock moves only when nothing has begun
    /// or ended a sleep for some real time (a third of a millisecond at least), so that what was woken comes to its next wait first. Work
    /// that computes for longer without a sleep may be overtaken by a timeout that guards it; where that matters, advance by hand. Where
    /// everything is slow, as under a sanitizer, the environment variable `CANO_SETTLING_MS` says how many milliseconds it is to be.
    ///
    /// - Returns: What the body returns.
    /// - Throws: What the body throws.
    public func skippingWaits<Value: Sendable>(_ body: @escaping @concurrent @Sendable () async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                while true {
                    await self.settle()
                    // The body has returned: the clock stays where it was then.
                    if Task.isCancelled { return nil }
                    self.advanceToNextDeadline()
                }
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }

    /// Waits until what the last advance woke, and what that woke in turn, sleeps again or has ended.
    private func settle() async {
        var last: Activity?
        var quietLooks = 0
        while quietLooks < 4, !Task.isCancelled {
            for _ in 0..<20 { await Task.yield() }
            // Under load the tasks that were woken may wait for a thread for longer than a yield takes.
            if quietLooks > 0 { try? await Task.sleep(for: Self.settlingTime / 3) }
            let now = state.withLock { Activity(begun: $0.issued, sleeping: $0.sleepers.count, wakingUp: $0.wakingUp) }
            quietLooks = now == last && now.wakingUp == 0 ? quietLooks + 1 : 0
            last = now
        }
    }

    /// How many sleeps have begun, how many have not ended, and how many of those that have ended were not taken up yet.
    private struct Activity: Equatable {
        let begun: UInt64
        let sleeping: Int
        let wakingUp: Int
    }

    private func wait(until isSatisfied: @escaping @Sendable ([MonotonicInstant]) -> Bool) async {
        await withCheckedContinuation { continuation in
            let satisfied = state.withLock { state in
                state.watchers.append(Watcher(isSatisfied: isSatisfied, continuation: continuation))
                return state.takeSatisfiedWatchers()
            }
            for watcher in satisfied { watcher.continuation.resume() }
        }
    }
}
