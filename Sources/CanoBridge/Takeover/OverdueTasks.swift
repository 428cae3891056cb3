import CanoBus
import CanoCore
import CanoPrimitives
import CanoRedis
import Logging

/// Looks for tasks that no worker will answer, and gives them up: those whose worker was silent for longer than its lease, those that no worker
/// has taken for as long as they may wait, those whose answer was to come from elsewhere until now, and now and then those that a worker has
/// acknowledged, which none may do.
///
/// Every bridge looks, whatever workflows it has. The script that gives a task up looks again, so several that find the same do no harm.
struct OverdueTasks: Sendable {
    let waker: RunWaker
    let clock: any EngineClock

    /// How often to look: at random between the two, so that bridges don't look all at once.
    private static let pause = (shortest: Duration.milliseconds(700), longest: Duration.milliseconds(1_300))
    private var bus: Bus { waker.bus }
    /// No shorter lease is noticed to be over any earlier.
    private static let shortestLease = Duration.milliseconds(100)
    /// After how many looks one is at what was acknowledged, too.
    private static let looksBetweenWholeOnes = 30
    /// How many tasks are read in one call.
    private static let page = 100

    /// A task that seems to be overdue.
    private struct Overdue {
        let token: TaskToken
        let queue: String
        let entry: StreamEntryID
        let cause: LapseCause
    }

    /// Looks now and then until the task is cancelled.
    func run() async {
        var looks = 0
        while !Task.isCancelled {
            looks += 1
            do {
                try await clock.sleep(for: Self.pause.shortest + (Self.pause.longest - Self.pause.shortest) * bus.random.next())
                try await lookOnce(atAll: looks % Self.looksBetweenWholeOnes == 0)
            } catch let error as RedisError where error.code != .cancelled {
                bus.logger.warning("looking for overdue tasks failed and is tried again", metadata: ["error": "\(error)"])
            } catch _ where Task.isCancelled {
                // The bridge stops.
            } catch {
                bus.logger.error("looking for overdue tasks failed", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Looks once at all queues, and at the tasks whose deadline is over.
    ///
    /// - Parameter atAll: Whether to look at every task that was given to a worker.
    /// - Throws: ``RedisError`` when Redis can't be reached; what keeps a task from being given up.
    func lookOnce(atAll: Bool = false) async throws {
        try await giveUp(try await due())
        let queues = try await bus.redis.execute(ZRANGEBYSCORE(bus.keys.queues, from: -.infinity, through: .infinity))
        for queue in queues.map({ String(decoding: $0.member, as: UTF8.self) }) {
            do {
                guard let group = try await group(of: queue) else { continue }
                try await giveUp(try await lost(on: queue))
                if atAll { try await giveUp(try await acknowledged(on: queue, through: group.lastDelivered)) }
            } catch let error as RedisError where error.serverError != nil && !error.isPassing {
                // The others do not wait for the repair of this one.
                await bus.wrongKeys.report(among: [bus.keys.tasks(on: queue)], after: error, on: bus.redis)
            }
        }
    }

    // MARK: Looking

    /// Tasks that workers have, and were silent about for longer than the lease.
    private func lost(on queue: String) async throws -> [Overdue] {
        let key = bus.keys.tasks(on: queue)
        var found: [Overdue] = []
        var next: StreamEntryID?
        repeat {
            let page = try await bus.redis.execute(
                XPENDING(key, BusKeys.workers, idle: Self.shortestLease, from: next, count: Self.page))
            let entries = try await bus.redis.pipeline(page.map { XRANGE(key, from: $0.id, through: $0.id) })
            for (pending, entry) in zip(page, entries) {
                guard let task = try entry.get().first.flatMap({ task($0, on: queue, .workerLost) }),
                    pending.idle >= .milliseconds(task.lease)
                else { continue }
                found.append(task.overdue)
            }
            next = page.count == Self.page ? page.last?.id.next : nil
        } while next != nil
        return found
    }

    /// Tasks that were given to a worker, and that none has: it has acknowledged them.
    private func acknowledged(on queue: String, through last: StreamEntryID) async throws -> [Overdue] {
        let key = bus.keys.tasks(on: queue)
        var found: [Overdue] = []
        var next: StreamEntryID?
        repeat {
            let page = try await bus.redis.execute(XRANGE(key, from: next, through: last, count: Self.page))
            guard let first = page.first, let end = page.last else { break }
            let pending = try await bus.redis.execute(XPENDING(key, BusKeys.workers, from: first.id, count: Self.page))
            // Beyond the last of a whole page more may be pending.
            let known = pending.count == Self.page ? min(pending[pending.count - 1].id, end.id) : end.id
            let held = Set(pending.map(\.id))
            found += page.filter { $0.id <= known && !held.contains($0.id) }.compactMap { task($0, on: queue, .workerLost)?.overdue }
            next = known.next
        } while next.map { $0 <= last } ?? false
        return found
    }

    /// The group that workers read a queue by; nil where there is none, or no such stream.
    private func group(of queue: String) async throws(RedisError) -> StreamGroup? {
        do throws(RedisError) {
            return try await bus.redis.execute(XINFO.GROUPS(bus.keys.tasks(on: queue))).first { $0.name == BusKeys.workers }
        } catch {
            guard error.saysNoStream else { throw error }
            return nil
        }
    }

    /// Tasks that no worker has taken until now, and those whose answer was to come from elsewhere until now.
    private func due() async throws -> [Overdue] {
        var found: [Overdue] = []
        var passed = 0
        let now = Double(bus.clock.now)
        while true {
            let due = try await bus.redis.execute(
                ZRANGEBYSCORE(bus.keys.deadlines, from: -.infinity, through: now, offset: passed, count: Self.page))
            let legs = due.compactMap { leg(named: String(decoding: $0.member, as: UTF8.self)) }
            let kept = try await bus.redis.pipeline(legs.map { HGET(bus.keys.openTasks(of: $0.run), $0.leg) })
            for (leg, value) in zip(legs, kept) {
                do throws(RedisError) {
                    guard let task = try value.get().flatMap({ OpenTask(String(decoding: $0, as: UTF8.self)) }), let entry = task.entry
                    else { continue }
                    let cause: LapseCause = task.deferredUntil == nil ? .noWorker : .timeout
                    found.append(Overdue(token: task.token(of: leg.run, leg: leg.leg), queue: task.queue, entry: entry, cause: cause))
                } catch {
                    guard error.serverError != nil, !error.isPassing else { throw error }
                    // The others do not wait for the repair of this one.
                    await bus.wrongKeys.report(among: [bus.keys.openTasks(of: leg.run)], after: error, on: bus.redis)
                }
            }
            // What is of no use must not hide what is behind it; the rest waits for the next look.
            guard found.isEmpty, due.count == Self.page else { return found }
            passed += due.count
        }
    }

    /// A leg among those with a deadline; nil where it is none. It begins with two slashes and has no other, and the run before it may end
    /// in one.
    private func leg(named member: String) -> (run: String, leg: String)? {
        guard let slash = member.lastIndex(of: "/"), slash > member.startIndex else { return nil }
        let beginning = member.index(before: slash)
        return (String(member[..<beginning]), String(member[beginning...]))
    }

    /// What an entry of a queue is; nil where it is no task.
    private func task(_ entry: StreamEntry, on queue: String, _ cause: LapseCause) -> (overdue: Overdue, lease: Int64)? {
        let texts = ["task", "lease_ms"].map { name in entry[name].map { String(decoding: $0, as: UTF8.self) } }
        guard let token = texts[0].flatMap({ TaskToken($0) }), let lease = texts[1].flatMap({ Int64($0) }) else { return nil }
        return (Overdue(token: token, queue: queue, entry: entry.id, cause: cause), lease)
    }

    // MARK: Giving up

    private func giveUp(_ tasks: [Overdue]) async throws {
        for task in tasks {
            do {
                try await giveUp(task)
            } catch let error as RedisError where error.serverError == nil || error.isPassing {
                throw error
            } catch {
                // The others do not wait for the repair of this one.
                bus.logger.error("a task could not be given up", metadata: ["run": "\(task.token.run)", "error": "\(error)"])
            }
        }
    }

    private func giveUp(_ task: Overdue) async throws {
        let outcome = try await SeenRun.acting(on: task.token.run, bus) { seen -> Lapse.Outcome? in
            let outcome = try await waker.send(seen) { claiming in
                Lapse(
                    bus: bus, token: task.token, queue: task.queue, entry: task.entry, cause: task.cause, seen: seen, claiming: claiming,
                    made: bus.clock.now)
            }
            return outcome == .moved ? nil : outcome
        }
        guard outcome == .woke || outcome == .kept else { return }
        bus.metrics?.count(.tasksGivenUp, task.cause.rawValue)
        bus.logger.info(
            "a task was given up",
            metadata: [
                "run": "\(task.token.run)", "queue": "\(task.queue)", "attempt": "\(task.token.attempt)", "code": "\(task.cause.rawValue)",
            ])
        if outcome == .kept { waker.look(task.token.run) }
    }
}
