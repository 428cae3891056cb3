import CanoCore
import CanoRedis
import Logging

/// The orderly end of a bridge: its runs come to their next step, those that take too long are interrupted, and other
/// bridges get everything at once.
struct Drain: Sendable {
    let bus: BusKeys
    let bridge: String
    /// The bridge's members of the list of who has which workflow.
    let listings: [String]
    let redis: RedisClient
    let heartbeat: Heartbeat
    let sessions: SessionRoster
    let work: WorkInHand
    let clock: BusClock
    let engineClock: any EngineClock
    let drainTime: Duration
    let gracePeriod: Duration
    let logger: Logger

    /// What is kept of the grace period for telling Redis; a Redis that is away must not hold the stop up.
    private var farewellTime: Duration { max(.milliseconds(250), min(gracePeriod / 2, .seconds(1))) }

    /// Ends what the intakes have begun; they read no more.
    func run(_ intakes: [CommandIntake]) async {
        let interruption = engineClock.now.advanced(by: drainTime)
        let end = interruption.advanced(by: max(gracePeriod - farewellTime, .zero))

        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.attempt("be taken off the list of workflows") { try await self.handOver(intakes) } }
            if await !isDone(by: interruption) {
                logger.warning("runs are interrupted at the end of the drain time", metadata: ["runs": "\(sessions.all.count)"])
                sessions.stopAll(.handBack)
                if await !isDone(by: end) {
                    logger.warning(
                        "runs are abandoned at the end of the grace period", metadata: ["runs": "\(sessions.all.count)"])
                }
            }
            group.cancelAll()
        }
        heartbeat.stop()
        let isTold = await isDone(by: engineClock.now.advanced(by: farewellTime)) {
            await self.attempt("say that it stops, so its leases will expire") { try await self.sayFarewell(intakes) }
        }
        if !isTold { logger.warning("Redis did not answer in time: the bridge's leases will expire") }
        // What scripts still wait for an answer are those of runs that were abandoned.
        redis.forgoReplies()
    }

    // MARK: Telling Redis

    /// No bridge gives this one another command, and those it was given and has not begun go to another.
    private func handOver(_ intakes: [CommandIntake]) async throws(RedisError) {
        _ = try await redis.execute(ZREM(bus.workflows, listings))
        guard let other = try await anotherBridge() else { return }
        for intake in intakes { try await intake.handOverPending(to: other) }
    }

    private func sayFarewell(_ intakes: [CommandIntake]) async throws(RedisError) {
        let runs = sessions.takeHandedBack() + sessions.all.map(\.identity)
        try await heartbeat.release(runs)
        _ = try await redis.execute(ZREM(bus.bridges, [bridge]))
        // Once more: a read that was under way may have brought entries after all.
        try await handOver(intakes)
        logger.info("the bridge has stopped", metadata: ["handed back": "\(runs.count)"])
    }

    /// A bridge that takes commands: one that is being stopped lists no workflow any more.
    private func anotherBridge() async throws(RedisError) -> String? {
        let listed = try await redis.execute(ZRANGEBYSCORE(bus.workflows, from: Double(clock.now), through: .infinity))
        return Set(listed.compactMap { WorkflowListing(String(decoding: $0.member, as: UTF8.self))?.bridge })
            .filter { $0 != bridge }.randomElement()
    }

    private func attempt(_ what: String, _ action: () async throws -> Void) async {
        do {
            try await action()
        } catch let error as RedisError where error.code == .cancelled {
            // Nothing is left to wait for: the farewell does it.
        } catch {
            logger.warning("the bridge could not \(what)", metadata: ["error": "\(error)"])
        }
    }

    // MARK: Waiting

    private func isDone(by moment: MonotonicInstant) async -> Bool {
        await isDone(by: moment) { await work.waitUntilNone() }
    }

    /// Whether an action came to its end before a moment; it is cancelled then.
    private func isDone(by moment: MonotonicInstant, _ action: @escaping @Sendable () async -> Void) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await action()
                return true
            }
            group.addTask {
                do { try await engineClock.sleep(until: moment) } catch { /* the action was first */  }
                return false
            }
            let isFirst = await group.next() ?? true
            group.cancelAll()
            return isFirst
        }
    }
}
