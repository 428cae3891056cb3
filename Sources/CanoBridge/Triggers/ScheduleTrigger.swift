import CanoBus
import CanoCore
import CanoRedis
import Logging
import Synchronization

/// Lets schedules fire when they are due.
///
/// Every bridge looks, whatever workflows it has: a firing is no more than a start on the commands stream. A bridge reserves what it finds
/// due for a moment, so that the others pass it over, and the script that publishes a start moves its schedule on as well: each due time
/// fires exactly once, also where a reservation was over before, and late by no more than that where a bridge died in between.
final class ScheduleTrigger: Sendable {
    private let bus: Bus
    private let runtime: WorkflowRuntime
    /// Schedules this bridge can't fire, and why: so that each is logged once.
    private let failing = Mutex<[String: String]>([:])
    /// How often Redis' clock had been set back when all schedules were looked at last; nil before the first time.
    private let seenSetBacks = Mutex<Int?>(nil)

    /// How long to wait at most before looking for new ones, in milliseconds.
    private static let longestPause: Int64 = 500
    /// How long to wait, in milliseconds, when there is more to do at once.
    private static let shortestPause: Int64 = 2
    /// How many schedules are reserved in one call, and for how long.
    private static let page = 64
    private static let reservation: Duration = .seconds(1)

    init(_ bus: Bus, runtime: WorkflowRuntime) {
        self.bus = bus
        self.runtime = runtime
    }

    /// Looks whenever something is due until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            var wait = Self.longestPause
            do {
                try await lookAhead()
                wait = try await look()
            } catch let error as RedisError where error.code != .cancelled {
                // A script whose answer was lost is not repeated: what it did is seen at the next look.
                bus.logger.warning("looking for schedules failed and is tried again", metadata: ["error": "\(error)"])
            } catch {
                // Cancelled: the bridge stops.
            }
            do { try await runtime.clock.sleep(for: .milliseconds(wait)) } catch { /* the same */  }
        }
    }

    /// Fires what is due; when to look again, in milliseconds from now.
    func look() async throws -> Int64 {
        let call = Reserve(keys: bus.keys, most: Self.page, time: Self.reservation)
        let reserved = try call.answer(try await bus.redis.evaluate(call.encoded))
        var isMoreDue = reserved.due.count == Self.page
        for (schedule, overlap) in try await withOverlaps(try await read(reserved.due)) {
            let step = schedule.step(at: reserved.time, overlap: overlap, random: runtime.random)
            if try await fire(schedule, step), step.lookAgain <= reserved.time { isMoreDue = true }
        }
        if isMoreDue { return Self.shortestPause }
        guard let next = reserved.next else { return Self.longestPause }
        return Int64(min(Double(Self.longestPause), max(0, next - Double(bus.clock.now))))
    }

    /// Works out anew what was worked out before Redis' clock was set back, for it is due too late; at the start, and whenever the clock
    /// is set back.
    func lookAhead() async throws {
        let setBacks = bus.clock.setBackCount
        guard seenSetBacks.withLock({ $0 != setBacks }) else { return }
        let now = bus.clock.now
        var names: [String] = []
        repeat {
            let page = try await bus.redis.execute(
                ZRANGEBYSCORE(bus.keys.schedules, from: Double(now), through: .infinity, offset: names.count, count: Self.page))
            names += page.map { String(decoding: $0.member, as: UTF8.self) }
            guard page.count == Self.page else { break }
        } while true
        for start in stride(from: 0, to: names.count, by: Self.page) {
            let ahead = try await read(Array(names[start..<min(start + Self.page, names.count)])).filter { $0.isAhead(at: now) }
            for (schedule, overlap) in try await withOverlaps(ahead) {
                guard try await fire(schedule, schedule.step(at: now, overlap: overlap, random: runtime.random)) else { continue }
                bus.logger.warning(
                    "a schedule was due too far ahead, for Redis' clock was set back since; its due time is worked out anew",
                    metadata: ["schedule": "\(schedule.name)"])
            }
        }
        seenSetBacks.withLock { $0 = setBacks }
    }

    /// Fires a schedule; false when Redis can't do it until an operator has repaired something.
    private func fire(_ schedule: StoredSchedule, _ step: ScheduleStep) async throws -> Bool {
        let call = Fire(bus: bus, schedule: schedule, step: step, made: bus.clock.now)
        let reply: RESPValue
        do {
            reply = try await bus.redis.evaluate(call.encoded)
        } catch {
            guard error.serverError != nil, !error.isPassing else { throw error }
            // The others do not wait for the repair of this one.
            logOnce(about: schedule.name, error)
            return false
        }
        if case .fired(let count) = try call.answer(reply) {
            bus.metrics?.count(.scheduleFirings, by: count)
            bus.metrics?.count(.scheduleSkips, by: step.leftOut.count)
            // One that was missed is late by as long as no bridge was there.
            if count > 0, let next = schedule.position.next, step.due.contains(next.due) {
                bus.metrics?.record(.scheduleLag, .milliseconds(max(0, bus.clock.now - next.start)))
            }
            if count > 0 { bus.logger.debug("a schedule has fired", metadata: ["schedule": "\(schedule.name)", "starts": "\(count)"]) }
            for skipped in step.leftOut {
                bus.logger.debug(
                    "a due time was left out: the last run is not over",
                    metadata: ["schedule": "\(schedule.name)", "due": "\(skipped.due)", "run": "\(skipped.run)"])
            }
        }
        return true
    }

    private func read(_ names: [String]) async throws -> [StoredSchedule] {
        var schedules: [StoredSchedule] = []
        let replies = try await bus.redis.pipeline(names.map { HGETALL(bus.keys.schedule(named: $0)) })
        for (name, reply) in zip(names, replies) {
            do {
                let fields = try reply.get()
                guard !fields.isEmpty else {
                    let call = Forget(name: name, subject: bus.keys.schedule(named: name), lists: [bus.keys.schedules])
                    _ = try await bus.redis.evaluate(call.encoded)
                    continue
                }
                schedules.append(try StoredSchedule([String: String](hash: fields), name: name))
            } catch let error as RedisError where error.serverError == nil {
                throw error
            } catch {
                logOnce(about: name, error)
            }
        }
        return schedules
    }

    private func logOnce(about name: String, _ error: any Error) {
        let isNew = failing.withLock { known in
            if known.count >= Self.page { known.removeAll() }
            return known.updateValue("\(error)", forKey: name) != "\(error)"
        }
        if isNew { bus.logger.error("a schedule can't fire here", metadata: ["schedule": "\(name)", "error": "\(error)"]) }
    }

    /// The schedules, each with its last run where that is not over yet, and where that matters.
    private func withOverlaps(_ schedules: [StoredSchedule]) async throws -> [(StoredSchedule, ScheduleOverlapping?)] {
        Array(zip(schedules, try await LastRuns(bus: bus).notOver(of: schedules)))
    }
}
