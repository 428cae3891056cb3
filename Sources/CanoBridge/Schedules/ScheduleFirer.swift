import CanoCore
import CanoRedis
import Logging
import Synchronization

/// Lets schedules fire when they are due.
///
/// Every bridge looks, whatever workflows it has: a firing is no more than a start on the commands stream. Of several that find
/// the same due time one publishes it, and moves the schedule on in the same script; so it fires once however many look, and
/// also when one dies about it.
final class ScheduleFirer: Sendable {
    private let bus: BusKeys
    private let letter: ScheduleLetter
    private let redis: RedisClient
    private let runtime: WorkflowRuntime
    private let clock: BusClock
    private let logger: Logger
    /// Schedules this bridge can't read, and what they were set by: so that each is complained about once.
    private let unreadable = Mutex<[String: String]>([:])

    /// How long to wait at most before looking for new ones, in milliseconds.
    private static let patience: Int64 = 500
    /// How long to wait, in milliseconds, when there is more to do at once.
    private static let breath: Int64 = 2
    /// How many schedules are looked at in one call.
    private static let page = 64

    init(
        bus: BusKeys, bridge: String, redis: RedisClient, runtime: WorkflowRuntime, clock: BusClock, limits: BusLimits, logger: Logger
    ) {
        self.bus = bus
        letter = ScheduleLetter(bus: bus, bridge: bridge, limits: limits)
        self.redis = redis
        self.runtime = runtime
        self.clock = clock
        self.logger = logger
    }

    /// Looks whenever something is due until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            var wait = Self.patience
            do {
                let looked = clock.now
                let isMoreDue = try await look(at: looked)
                let upcoming = ZRANGEBYSCORE(bus.schedules, from: Double(looked + 1), through: .infinity, count: 1)
                if isMoreDue {
                    wait = Self.breath
                } else if let next = try await redis.execute(upcoming).first?.score {
                    wait = Int64(min(Double(Self.patience), max(0, next - Double(clock.now))))
                }
            } catch let error as RedisError where error.code != .cancelled {
                // A script whose answer was lost is not repeated: what it did is seen at the next look.
                logger.warning("looking for schedules failed and is tried again", metadata: ["error": "\(error)"])
            } catch {
                // Cancelled: the bridge stops.
            }
            do { try await runtime.clock.sleep(for: .milliseconds(wait)) } catch { /* the same */  }
        }
    }

    /// Fires what is due; whether there is more to do at once.
    private func look(at now: Int64) async throws -> Bool {
        var passed = 0
        var isMoreDue = false
        while true {
            let due = ZRANGEBYSCORE(bus.schedules, from: -.infinity, through: Double(now), offset: passed, count: Self.page)
            let names = try await redis.execute(due).map { String(decoding: $0.member, as: UTF8.self) }
            guard !names.isEmpty else { return isMoreDue }
            let schedules = try await read(names)
            var moved = 0
            // In an order of its own, so that several bridges share the work rather than race for it.
            for (schedule, isRunning) in try await judged(schedules).shuffled() {
                let step = schedule.step(at: now, isRunning: isRunning, random: runtime.random)
                switch try await fire(schedule, step) {
                case .movedOn where step.lookAgain > now: moved += 1
                case .movedOn, .early: isMoreDue = true
                case .refused: break
                }
            }
            // Those that could not be read, or are due still, stay where they are.
            passed += names.count - moved
            if names.count < Self.page { return isMoreDue }
        }
    }

    private enum Outcome {
        /// By this bridge or by another one.
        case movedOn
        /// It is not due yet by Redis' clock.
        case early
        /// Redis can't do it, and somebody has to see to that.
        case refused
    }

    private func fire(_ schedule: StoredSchedule, _ step: ScheduleStep) async throws -> Outcome {
        let answer: RESPValue
        do {
            answer = try await redis.evaluate(letter.fire(schedule, step, now: clock.now))
        } catch {
            guard error.serverError != nil, !error.isPassing else { throw error }
            // The others are not to wait for somebody to repair this one.
            complain(about: schedule.name, error)
            return .refused
        }
        switch (answer.integerValue, answer.string) {
        case (let count?, _):
            if count > 0 { logger.debug("a schedule has fired", metadata: ["schedule": "\(schedule.name)", "starts": "\(count)"]) }
            return .movedOn
        case (_, "moved"), (_, "gone"): return .movedOn
        case (_, "early"): return .early
        default: throw RedisError(.unexpectedReply, "The script fire answered \(answer).")
        }
    }

    private func read(_ names: [String]) async throws(RedisError) -> [StoredSchedule] {
        var schedules: [StoredSchedule] = []
        let replies = try await redis.pipeline(names.map { HGETALL(bus.schedule(named: $0)) })
        for (name, reply) in zip(names, replies) {
            do {
                let fields = try reply.get()
                guard !fields.isEmpty else {
                    _ = try await redis.evaluate(letter.forget(name))
                    continue
                }
                schedules.append(try StoredSchedule(fields, name: name))
            } catch let error as RedisError where error.serverError == nil {
                throw error
            } catch {
                complain(about: name, error)
            }
        }
        return schedules
    }

    private func complain(about name: String, _ error: any Error) {
        let isNew = unreadable.withLock { known in
            if known.count >= Self.page { known.removeAll() }
            return known.updateValue("\(error)", forKey: name) != "\(error)"
        }
        if isNew { logger.error("a schedule can't fire here", metadata: ["schedule": "\(name)", "error": "\(error)"]) }
    }

    /// The schedules, each with whether its last run is not over yet, where that matters.
    private func judged(_ schedules: [StoredSchedule]) async throws(RedisError) -> [(StoredSchedule, isRunning: Bool)] {
        let lasts = schedules.compactMap { schedule in
            schedule.definition.overlap == .skip ? schedule.last.map { (name: schedule.name, run: $0) } : nil
        }
        // The streams first: a start that is not in the stream any more has its record, if it was not rejected.
        let waiting = try await redis.pipeline(lasts.map { XRANGE(bus.commands, from: $0.run.entry, through: $0.run.entry) })
        let statuses = try await redis.pipeline(
            lasts.map { HGET(bus.record(of: StoredSchedule.run(of: $0.name, due: $0.run.due)), "status") })
        var running: Set<String> = []
        for (last, (waiting, status)) in zip(lasts, zip(waiting, statuses)) {
            let isWaiting = try !waiting.get().isEmpty
            // A key of another type is no record.
            let isUnderWay =
                if case .success(let status?) = status {
                    status.elementsEqual("scheduled".utf8) || status.elementsEqual("running".utf8)
                } else { false }
            if isWaiting || isUnderWay { running.insert(last.name) }
        }
        return schedules.map { ($0, running.contains($0.name)) }
    }
}
