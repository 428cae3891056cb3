import CanoCore
import CanoRedis
import Logging
import NIOCore
import Synchronization

/// Says that this bridge lives and that its runs are its own, on the event loop of its connection.
///
/// User code may keep every thread of the shared pool busy for longer than a lease; a heartbeat that waited there would
/// lose runs that are going well.
final class Heartbeat: Sendable {
    private let redis: RedisClient
    private let slices: RenewalSlices
    private let sessions: SessionRoster
    private let clock: BusClock
    private let limits: BusLimits
    private let logger: Logger
    private let tasks = Mutex<[RepeatedTask]>([])

    init(
        _ redis: RedisClient, slices: RenewalSlices, sessions: SessionRoster, clock: BusClock, limits: BusLimits, logger: Logger
    ) {
        self.redis = redis
        self.slices = slices
        self.sessions = sessions
        self.clock = clock
        self.limits = limits
        self.logger = logger
    }

    /// Beats from now on, and publishes what long states have to tell.
    func start() {
        let interval = TimeAmount.milliseconds(limits.heartbeat.wholeMilliseconds)
        let flush = TimeAmount.milliseconds(BusLimits.flushInterval.wholeMilliseconds)
        let started = [
            redis.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { [self] _ in beat(over: interval) },
            redis.eventLoop.scheduleRepeatedTask(initialDelay: flush, delay: flush) { [sessions] _ in
                for session in sessions.all { session.flushIfDue() }
            },
        ]
        tasks.withLock { $0 = started }
    }

    func stop() {
        let started = tasks.withLock { tasks in
            defer { tasks = [] }
            return tasks
        }
        for task in started { task.cancel() }
    }

    /// One heartbeat now, answered: the bridge is listed, and its clock is Redis'.
    func beatOnce() async throws(RedisError) {
        let asked = clock.local
        let reply = try await redis.evaluate(slices.calls(for: [], .renew)[0])
        clock.learn(redis: try HeartbeatAnswer(reply).time, between: asked, and: clock.local)
    }

    /// Sets the leases of runs without a session to 0.
    func release(_ runs: [RunIdentity]) async throws(RedisError) {
        guard !runs.isEmpty else { return }
        for call in slices.calls(for: runs, .release) { _ = try await redis.evaluate(call) }
    }

    /// Sends a heartbeat, its scripts spread over the interval.
    private func beat(over interval: TimeAmount) {
        let calls = slices.calls(for: sessions.all.map(\.identity), .renew)
        for (index, call) in calls.enumerated() {
            let delay = TimeAmount.nanoseconds(interval.nanoseconds / Int64(calls.count) * Int64(index))
            redis.eventLoop.scheduleTask(in: delay) { [self] in send(call) }
        }
        let handedBack = sessions.takeHandedBack()
        if !handedBack.isEmpty {
            for call in slices.calls(for: handedBack, .release) { send(call) }
        }
    }

    private func send(_ call: RedisScriptCall) {
        let asked = clock.local
        redis.evaluate(call) { [self] result in
            do {
                let answer = try HeartbeatAnswer(try result.get())
                clock.learn(redis: answer.time, between: asked, and: clock.local)
                for run in answer.lost { sessions.session(of: run)?.control.stop(.ownershipLost) }
                for run in answer.cancelled { sessions.session(of: run)?.control.stop(.cancelled(reason: nil)) }
            } catch {
                logger.warning("a heartbeat was not answered", metadata: ["error": "\(error)"])
            }
        }
    }
}
