import CanoBus
import CanoCore
import CanoRedis
import Logging

/// Removes schedules.
struct RemoveScheduleHandler: CommandHandling {
    let bus: Bus

    func handle(_ command: UnscheduleCommand, _ delivery: Delivery) async throws -> Disposition {
        let call = RemoveSchedule(
            bus: bus, command: command, entry: delivery.entry.id, stream: delivery.stream, made: bus.clock.now)
        switch try await bus.scripts.send(call, waitsForRepair: false) {
        case .removed: bus.logger.info("a schedule was removed", metadata: ["schedule": "\(command.name)"])
        case .superseded, .gone: break
        case .unknown: throw command.unknown
        }
        return .done
    }
}

/// Lets schedules rest.
struct PauseScheduleHandler: CommandHandling {
    let bus: Bus

    func handle(_ command: PauseScheduleCommand, _ delivery: Delivery) async throws -> Disposition {
        let call = PauseSchedule(
            bus: bus, command: command, entry: delivery.entry.id, stream: delivery.stream, made: bus.clock.now)
        switch try await bus.scripts.send(call, waitsForRepair: false) {
        case .paused: bus.logger.info("a schedule was paused", metadata: ["schedule": "\(command.name)"])
        case .superseded, .gone: break
        case .unknown: throw command.unknown
        }
        return .done
    }
}

/// Lets paused schedules go on.
struct ResumeScheduleHandler: CommandHandling {
    let bus: Bus
    let random: RandomSource

    func handle(_ command: ResumeScheduleCommand, _ delivery: Delivery) async throws -> Disposition {
        while true {
            let schedule = try await bus.schedule(command)
            // Made anew each time it is sent: after an outage it is due at other times.
            let answer = try await bus.scripts.send(waitsForRepair: false) { [bus, random] in
                let now = bus.clock.now
                return ResumeSchedule(
                    bus: bus, command: command, schedule: schedule, position: schedule?.resumed(at: now, random: random),
                    entry: delivery.entry.id, stream: delivery.stream, made: now)
            }
            switch answer {
            case .resumed: bus.logger.info("a schedule was resumed", metadata: ["schedule": "\(command.name)"])
            case .superseded, .gone: break
            case .never: throw command.neverDue
            case .unknown: throw command.unknown
            case .moved: continue
            }
            return .done
        }
    }
}

/// Lets schedules start one run more.
struct RunScheduleHandler: CommandHandling {
    let bus: Bus

    func handle(_ command: RunScheduleCommand, _ delivery: Delivery) async throws -> Disposition {
        while true {
            guard let schedule = try await bus.schedule(command) else { throw command.unknown }
            let last = try await LastRuns(bus: bus).notOver(of: [schedule]).first ?? nil
            let call = RunSchedule(
                bus: bus, command: command, lastBefore: schedule.revision.lastEntry, entry: delivery.entry.id, stream: delivery.stream,
                made: bus.clock.now)
            // The one that is not over may be its own, whose answer was lost.
            if let last, last.run != call.run { throw command.overlaps(last.run, last.status) }
            switch try await bus.scripts.send(call, waitsForRepair: false) {
            case .ran: bus.logger.info("a schedule was run", metadata: ["schedule": "\(command.name)", "run": "\(call.run)"])
            case .gone: break
            case .unknown: throw command.unknown
            case .moved: continue
            }
            return .done
        }
    }
}

extension Bus {
    /// The schedule that a command is about, as Redis has it; nil where there is none.
    ///
    /// - Throws: ``Rejection`` when this bridge can't make sense of it; ``RedisError``.
    fileprivate func schedule(_ command: some ScheduleSteering) async throws -> StoredSchedule? {
        let fields = [String: String](hash: try await redis.execute(HGETALL(keys.schedule(named: command.name))))
        // What is remembered of one that was removed.
        guard fields[Field.workflow.rawValue] != nil, try await redis.execute(ZSCORE(keys.schedules, command.name)) != nil else {
            return nil
        }
        do throws(BusError) { return try StoredSchedule(fields, name: command.name) } catch { throw command.unreadable(error) }
    }
}
