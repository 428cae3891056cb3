import CanoBus
import CanoRedis
import Logging

/// Sends commands to the shard that they belong to, for producers that can't reckon it.
struct ShardForwarding: Sendable {
    /// What is known of the shards of the bus.
    let agreement: ShardAgreement
    /// The number of the one whose commands are looked at.
    let here: Int
    /// Each shard as this bridge sees it, in their order.
    let buses: [Bus]

    private var bus: Bus { buses[here] }
    private var all: BusShards { agreement.shards }

    /// Whether a schedule of that name is set, wherever it is.
    func isSchedule(_ name: String) async throws(RedisError) -> Bool {
        for shard in all.shards(ofName: name) where try await isSchedule(name, on: buses[shard]) { return true }
        return false
    }

    /// Forwards a command that belongs to another shard.
    ///
    /// It is published there, and then taken off here. A bridge that dies in between, or never hears that it was published, publishes it once
    /// more: a start counts once, by the id of its run, a signal by its message id, and a cancellation changes nothing the second time.
    ///
    /// - Returns: Whether it was forwarded; false of one that belongs here.
    /// - Throws: ``Rejection`` of a start that names no run, whose shard nothing tells, and of a command of which the second one would count too;
    ///   ``RedisError`` when either shard does not answer.
    func forward(_ command: Command, _ delivery: Delivery) async throws -> Bool {
        guard buses.count > 1 else { return false }
        if case .start(let start) = command, start.run == delivery.entry.id.description { throw start.unnamedOnShards }
        guard let there = try await place(of: command), there != here else { return false }
        if let rejection = command.misplaced(on: buses[there].keys.prefix) { throw rejection }
        let forwarded = command.forwarded(delivery, from: here)
        _ = try await buses[there].redis.execute(
            XADD(buses[there].keys.inbound(delivery.stream), texts: forwarded.fields.map { ($0.name, $0.value) }))
        let stream = bus.keys.inbound(delivery.stream)
        _ = try await bus.redis.execute(XDEL(stream, [delivery.entry.id]))
        _ = try await bus.redis.execute(XACK(stream, BusKeys.group, [delivery.entry.id]))
        bus.logger.debug(
            "a command was forwarded to its shard",
            metadata: ["entry": "\(delivery.entry.id)", "from": "\(bus.keys.prefix)", "to": "\(buses[there].keys.prefix)"])
        return true
    }

    /// The shard that a command belongs to; nil for this one.
    private func place(of command: Command) async throws -> Int? {
        switch ShardRoute(of: command, among: all) {
        case .here: return nil
        case .on(let shard): return shard
        case .whereScheduleIs(let name, let places):
            // One that is over, or was removed, is remembered where it was.
            for shard in places where try await remembers(name, on: buses[shard]) { return shard }
            return places.first
        case .whereRunIs(let places):
            guard let run = command.run, places != [here] else { return nil }
            return try await place(of: run, among: places)
        }
    }

    private func place(of run: String, among places: [Int]) async throws -> Int? {
        for shard in [here] + places.filter({ $0 != here }) where try await exists(run, on: buses[shard]) { return shard }
        // The start of a schedule's run may be on its way.
        if places.count > 1, let schedule = RunName.schedule(of: run) {
            for shard in all.shards(ofName: schedule) where try await isSchedule(schedule, on: buses[shard]) { return shard }
        }
        // What came for a run before its start, and before the bus grew, waits for it there.
        for shard in all.shards(ofName: run).dropFirst() where try await isExpected(run, on: buses[shard]) { return shard }
        return places.first
    }

    /// Whether a run is there, or the one that it is a child of.
    private func exists(_ run: String, on bus: Bus) async throws(RedisError) -> Bool {
        let record = bus.keys.record(of: run)
        guard let end = run.firstRange(of: RunName.reserved)?.lowerBound else { return try await bus.redis.execute(EXISTS(record)) > 0 }
        return try await bus.redis.execute(EXISTS(record, bus.keys.record(of: String(run[..<end])))) > 0
    }

    /// Whether a cancellation or signals are kept for a run that has not started; or it has by now.
    private func isExpected(_ run: String, on bus: Bus) async throws(RedisError) -> Bool {
        let keys = bus.keys
        return try await bus.redis.execute(EXISTS(keys.record(of: run), keys.cancellation(of: run), keys.inbox(of: run))) > 0
    }

    /// Whether a schedule of that name is set, or was.
    private func remembers(_ name: String, on bus: Bus) async throws(RedisError) -> Bool {
        try await bus.redis.execute(EXISTS(bus.keys.schedule(named: name))) > 0
    }

    private func isSchedule(_ name: String, on bus: Bus) async throws(RedisError) -> Bool {
        try await bus.redis.execute(ZSCORE(bus.keys.schedules, name)) != nil
    }
}

extension Command {
    /// The run that a command names.
    fileprivate var run: String? {
        switch self {
        case .start(let command): command.run
        case .cancel(let command): command.run
        case .resume(let command): command.run
        case .signal(let command): command.run
        default: nil
        }
    }

    /// This command, which is not forwarded: twice, or after a later one, it would not mean the same.
    fileprivate func misplaced(on prefix: String) -> Rejection? {
        func message(_ what: String) -> String { "\(what) is on another shard: publish the command with the prefix \"\(prefix)\"." }
        return switch self {
        case .resume(let resume): resume.refused(.wrongShard, message("The run \"\(resume.run)\""))
        case .schedule(let schedule): schedule.refused(.wrongShard, message("The schedule \"\(schedule.name)\""))
        case .unschedule(let steering): steering.misplaced(message)
        case .pauseSchedule(let steering): steering.misplaced(message)
        case .resumeSchedule(let steering): steering.misplaced(message)
        case .runSchedule(let steering): steering.misplaced(message)
        case .start, .cancel, .signal, .complete, .fail, .release, .defer: nil
        }
    }

    /// The command as another shard gets it: what counts from when it was published counts from then still.
    fileprivate func forwarded(_ delivery: Delivery, from shard: Int) -> any BusCommand {
        switch self {
        case .start(let start): start.withStartTime(published: delivery.published)
        case .signal(let signal):
            // An entry's id is one of its stream alone.
            signal.withMessageID("\(CommandEntryID(delivery.entry.id.description, on: delivery.stream))@\(shard)")
        default: command
        }
    }
}

extension ScheduleSteering {
    fileprivate func misplaced(_ message: (String) -> String) -> Rejection { refused(.wrongShard, message("The schedule \"\(name)\"")) }
}
