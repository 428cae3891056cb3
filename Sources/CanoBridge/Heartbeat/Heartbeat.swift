import CanoBus
import CanoCore
import CanoRedis
import CanoRedisStores
import Logging
import Synchronization

/// Says that this bridge lives and that its runs are its own, on the thread of its connection.
///
/// User code may keep every thread of the shared pool busy for longer than a lease; a heartbeat that waited there would
/// lose runs that are going well.
final class Heartbeat: Sendable {
    private let bus: Bus
    /// What the bridge says that it has.
    private let listings: [String]
    private let sessions: Sessions
    private let handBacks: HandBacks
    private let held: HeldRuns
    private let engineClock: any EngineClock
    private let timers = Mutex<[RedisTimer]?>(nil)
    private let grace: Mutex<TakeoverGrace>

    init(_ bus: Bus, listings: [String], sessions: Sessions, handBacks: HandBacks, held: HeldRuns, engineClock: any EngineClock) {
        self.bus = bus
        self.listings = listings
        self.sessions = sessions
        self.handBacks = handBacks
        self.held = held
        self.engineClock = engineClock
        grace = Mutex(TakeoverGrace(lease: bus.limits.lease))
    }

    /// Whether expired leases may be taken for the death of their owners.
    var mayTakeOver: Bool {
        let now = engineClock.now
        return grace.withLock { $0.mayTakeOver(at: now) }
    }

    /// The time since a heartbeat was answered; nil where none was.
    var silence: Duration? {
        let now = engineClock.now
        return grace.withLock { $0.lastHeartbeat }?.duration(to: now)
    }

    /// Beats from now on, and publishes what long states have to tell.
    func start() {
        let started = [
            bus.redis.every(bus.limits.heartbeat) { [self] in beat() },
            bus.redis.every(BusLimits.flushInterval) { [self] in
                for session in sessions.all { session.flushIfDue() }
                releaseHandedBack()
                held.dropOld(at: engineClock.now)
            },
            bus.redis.every(Self.inboxLook) { [self] in
                for session in sessions.all where session.inbox.isAwaited { look(forSignalsOf: session) }
            },
        ]
        timers.withLock { $0 = started }
    }

    /// How often the inbox is read of a run under way of which a branch waits for a signal while others run. Another bridge may have taken the
    /// signal.
    private static let inboxLook = Duration.seconds(1)

    /// Reads the inbox of a run now, if it is here and something of it waits for a signal.
    func lookForSignals(of run: String) {
        if let session = sessions.session(of: run), session.inbox.isAwaited { look(forSignalsOf: session) }
    }

    private func look(forSignalsOf session: RunSession) {
        Task {
            do {
                let inbox = Inbox(try await bus.redis.execute(HGETALL(bus.keys.inbox(of: session.run))))
                session.inbox.deliver(inbox.received)
            } catch {
                bus.logger.debug("an inbox could not be read", metadata: ["run": "\(session.run)", "error": "\(error)"])
            }
        }
    }

    /// Ends the heartbeats; what one had still to send is not sent.
    func stop() {
        let started = timers.withLock { timers in
            defer { timers = nil }
            return timers
        }
        for timer in started ?? [] { timer.cancel() }
    }

    /// One heartbeat now, answered: the bridge is listed, and its clock is Redis'.
    func beatOnce() async throws {
        let asked = engineClock.now
        let call = Renew(bus: bus, runs: [], purpose: .renew, listings: listings)
        let answer = try call.answer(try await bus.redis.evaluate(call.encoded))
        let now = engineClock.now
        bus.clock.learn(redis: answer.time, between: asked, and: now)
        grace.withLock { $0.begin(at: now) }
    }

    /// A heartbeat was answered: the bridge's clock follows Redis', which may have been set.
    private func heartbeatAnswered(_ time: Int64, between sent: MonotonicInstant, and now: MonotonicInstant) {
        // Under one lock: what looks expired on the new time may not be taken over before it is known why.
        let jump = grace.withLock { grace in
            let jump = bus.clock.learn(redis: time, between: sent, and: now)
            grace.heartbeatAnswered(at: now, clockJumped: .milliseconds(jump))
            return jump
        }
        guard abs(jump) >= BusClock.smallestJump else { return }
        bus.logger.warning(
            "the clock of Redis was set \(jump > 0 ? "forward" : "back")", metadata: ["by": "\(Duration.milliseconds(abs(jump)))"])
    }

    /// Sets the leases of runs without a session to 0.
    func release(_ runs: [RunIdentity]) async throws(RedisError) {
        for part in RenewalSchedule(of: runs).parts { _ = try await bus.redis.evaluate(release(part.runs).encoded) }
    }

    /// Sends a heartbeat, its scripts spread over the interval.
    private func beat() {
        let parts = RenewalSchedule(of: sessions.all.map(\.identity), over: bus.limits.heartbeat).parts
        renew(parts.first?.runs ?? [], listings: sessions.isDraining ? [] : listings)
        for part in parts.dropFirst() {
            bus.redis.after(part.delay) { [self] in
                guard timers.withLock({ $0 != nil }) else { return }
                // A run that ended or was handed back meanwhile must not get its lease again.
                renew(part.runs.filter { sessions.session(of: $0.run)?.identity === $0 }, listings: [])
            }
        }
    }

    /// Lets other bridges have the runs that were handed back.
    private func releaseHandedBack() {
        for part in RenewalSchedule(of: handBacks.takeReady()).parts {
            bus.redis.evaluate(release(part.runs).encoded) { [self] result in
                guard case .failure(let error) = result else { return }
                bus.logger.warning("runs could not be handed back, which is tried again", metadata: ["error": "\(error)"])
                handBacks.add(part.runs)
            }
        }
    }

    private func release(_ runs: [RunIdentity]) -> Renew { Renew(bus: bus, runs: runs, purpose: .release, listings: []) }

    private func renew(_ runs: [RunIdentity], listings: [String]) {
        let sent = engineClock.now
        let call = Renew(bus: bus, runs: runs, purpose: .renew, listings: listings)
        bus.redis.evaluate(call.encoded) { [self] result in
            do {
                let answer = try call.answer(try result.get())
                heartbeatAnswered(answer.time, between: sent, and: engineClock.now)
                let lost = Set(answer.lost)
                bus.metrics?.count(.leasesRenewed, by: runs.count - lost.count)
                bus.metrics?.count(.leasesLost, by: lost.count)
                for run in runs {
                    guard let session = sessions.session(of: run.run), session.identity === run else { continue }
                    if lost.contains(run.run) {
                        session.stop(.ownershipLost)
                    } else {
                        session.lease.extend(until: sent.advanced(by: bus.limits.lease))
                    }
                }
                for (run, reason) in answer.cancelled { sessions.session(of: run)?.stop(.cancelled(reason: reason)) }
                for key in answer.blocked { bus.wrongKeys.report(key) }
            } catch {
                bus.logger.warning("a heartbeat was not answered", metadata: ["error": "\(error)"])
            }
        }
    }
}
