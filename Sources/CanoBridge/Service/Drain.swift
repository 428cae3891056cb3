import CanoBus
import CanoCore
import CanoRedis
import Logging

/// The orderly end of a bridge: its runs come to their next step, those that take too long are interrupted, and other
/// bridges get everything at once.
struct Drain: Sendable {
    let bus: Bus
    /// The bridge's members of the list of who has which workflow.
    let listings: [String]
    let heartbeat: Heartbeat
    let sessions: Sessions
    let handBacks: HandBacks
    let work: InFlightWork
    let engineClock: any EngineClock
    let drainTime: Duration
    let gracePeriod: Duration

    /// What is kept of the grace period for telling Redis; a Redis that is away must not hold the stop up.
    private var timeToDeregister: Duration { max(.milliseconds(250), min(gracePeriod / 2, .seconds(1))) }

    /// Ends what the intakes have begun; they read no more.
    func run(_ intakes: [CommandIntake]) async {
        let interruption = engineClock.now.advanced(by: drainTime)
        let end = interruption.advanced(by: max(gracePeriod - timeToDeregister, .zero))

        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.attempt("be taken off the list of workflows") { try await self.handOver(intakes) } }
            if await !isDone(by: interruption) {
                bus.logger.warning("runs are interrupted at the end of the drain time", metadata: ["runs": "\(sessions.all.count)"])
                sessions.stopAll(.handBack)
                if await !isDone(by: end) {
                    bus.logger.warning(
                        "runs are abandoned at the end of the grace period", metadata: ["runs": "\(sessions.all.count)"])
                }
            }
            group.cancelAll()
        }
        heartbeat.stop()
        let isTold = await isDone(by: engineClock.now.advanced(by: timeToDeregister)) {
            await self.attempt("say that it stops, so its leases will expire") { try await self.deregister(intakes) }
        }
        if !isTold { bus.logger.warning("Redis did not answer in time: the bridge's leases will expire") }
    }

    // MARK: Telling Redis

    /// No bridge gives this one another command, and those it was given and has not begun go to another.
    private func handOver(_ intakes: [CommandIntake]) async throws(RedisError) {
        _ = try await bus.redis.execute(ZREM(bus.keys.workflows, listings))
        guard let other = try await anotherBridge() else { return }
        for intake in intakes { try await intake.handOverPending(to: other) }
    }

    private func deregister(_ intakes: [CommandIntake]) async throws(RedisError) {
        let runs = handBacks.takeReady() + sessions.all.map(\.identity)
        try await heartbeat.release(runs)
        _ = try await bus.redis.execute(ZREM(bus.keys.bridges, [bus.bridge]))
        _ = try await bus.redis.execute(HDEL(bus.keys.durability, [bus.bridge]))
        // Once more: a read that was under way may have brought entries after all.
        try await handOver(intakes)
        bus.logger.info("the bridge has stopped", metadata: ["handed back": "\(runs.count)"])
    }

    /// A bridge that takes commands: one that is being stopped lists no workflow any more.
    private func anotherBridge() async throws(RedisError) -> String? {
        let listed = try await bus.redis.execute(ZRANGEBYSCORE(bus.keys.workflows, from: Double(bus.clock.now), through: .infinity))
        return Set(listed.compactMap { WorkflowListing(String(decoding: $0.member, as: UTF8.self))?.bridge })
            .filter { $0 != bus.bridge }.randomElement()
    }

    private func attempt(_ what: String, _ action: () async throws -> Void) async {
        do {
            try await action()
        } catch let error as RedisError where error.code == .cancelled {
            // Nothing is left to wait for: deregistering does it.
        } catch {
            bus.logger.warning("the bridge could not \(what)", metadata: ["error": "\(error)"])
        }
    }

    // MARK: Waiting

    private func isDone(by moment: MonotonicInstant) async -> Bool {
        await isDone(by: moment) {
            // Cancelled at the moment, which is seen there.
            do { try await work.waitUntilNone() } catch { /* the moment was first */  }
        }
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
