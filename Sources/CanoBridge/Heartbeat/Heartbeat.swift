import CanoCore
import CanoPrimitives
import CanoRedis
import CanoRedisStores
import Logging
import Synchronization

/// Says that this bridge lives and that its runs are its own, on the thread of its connection.
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
    private let engineClock: any EngineClock
    private let tasks = Mutex<[RedisTimer]?>(nil)
    private let restraint: Mutex<ClaimRestraint>

    init(
        _ redis: RedisClient, slices: RenewalSlices, sessions: SessionRoster, clock: BusClock, engineClock: any EngineClock,
        limits: BusLimits, logger: Logger
    ) {
        self.redis = redis
        self.slices = slices
        self.sessions = sessions
        self.clock = clock
        self.limits = limits
        self.logger = logger
        self.engineClock = engineClock
        restraint = Mutex(ClaimRestraint(lease: limits.lease))
    }

    /// Whether expired leases may be taken for the death of their owners.
    var mayTakeOver: Bool {
        let now = engineClock.now
        return restraint.withLock { $0.mayTakeOver(at: now) }
    }

    /// Beats from now on, and publishes what long states have to tell.
    func start() {
        let started = [
            redis.every(limits.heartbeat) { [self] in beat() },
            redis.every(BusLimits.flushInterval) { [self] in
                for session in sessions.all { session.flushIfDue() }
                releaseHandedBack()
            },
        ]
        tasks.withLock { $0 = started }
    }

    /// Ends the heartbeats; what one had still to send is not sent.
    func stop() {
        let started = tasks.withLock { tasks in
            defer { tasks = nil }
            return tasks
        }
        for task in started ?? [] { task.cancel() }
    }

    /// One heartbeat now, answered: the bridge is listed, and its clock is Redis'.
    func beatOnce() async throws(RedisError) {
        let asked = engineClock.now
        let reply = try await redis.evaluate(slices.call(for: [], .renew, listsWorkflows: true))
        let time = try HeartbeatAnswer(reply).time
        let now = engineClock.now
        clock.learn(redis: time, between: asked, and: now)
        restraint.withLock { $0.begin(at: now) }
    }

    /// Sets the leases of runs without a session to 0.
    func release(_ runs: [RunIdentity]) async throws(RedisError) {
        guard !runs.isEmpty else { return }
        for slice in slices.slices(of: runs) { _ = try await redis.evaluate(slices.call(for: slice, .release)) }
    }

    /// Sends a heartbeat, its scripts spread over the interval.
    private func beat() {
        let parts = slices.slices(of: sessions.all.map(\.identity))
        renew(parts.first ?? [], listsWorkflows: !sessions.isDraining)
        for (index, part) in parts.enumerated().dropFirst() {
            redis.after(limits.heartbeat / parts.count * index) { [self] in
                guard tasks.withLock({ $0 != nil }) else { return }
                // A run that ended or was handed back meanwhile must not get its lease again.
                renew(part.filter { sessions.session(of: $0.run)?.identity == $0 }, listsWorkflows: false)
            }
        }
    }

    /// Lets other bridges have the runs that were handed back.
    private func releaseHandedBack() {
        for slice in slices.slices(of: sessions.takeHandedBack()) {
            redis.evaluate(slices.call(for: slice, .release)) { [self] result in
                guard case .failure(let error) = result else { return }
                logger.warning("runs could not be handed back, which is tried again", metadata: ["error": "\(error)"])
                sessions.handBack(slice)
            }
        }
    }

    private func renew(_ runs: [RunIdentity], listsWorkflows: Bool) {
        let sent = engineClock.now
        redis.evaluate(slices.call(for: runs, .renew, listsWorkflows: listsWorkflows)) { [self] result in
            do {
                let answer = try HeartbeatAnswer(try result.get())
                let now = engineClock.now
                clock.learn(redis: answer.time, between: sent, and: now)
                restraint.withLock { $0.heartbeatAnswered(at: now) }
                let lost = Set(answer.lost)
                for run in runs {
                    guard let session = sessions.session(of: run.run), session.identity == run else { continue }
                    if lost.contains(run.run) {
                        session.stop(.ownershipLost)
                    } else {
                        session.lease.extend(until: sent.advanced(by: limits.lease))
                    }
                }
                for (run, reason) in answer.cancelled { sessions.session(of: run)?.stop(.cancelled(reason: reason)) }
            } catch {
                logger.warning("a heartbeat was not answered", metadata: ["error": "\(error)"])
            }
        }
    }
}
