import CanoBus

/// On which shard of a bus a command is carried out: on that of the run or the schedule which it is about. Pure.
enum ShardRoute: Sendable, Hashable {
    /// On the one it was published on.
    case here
    /// On that one.
    case on(Int)
    /// Where the run is: on the one it was published on, or on one of these. On the first where it is on none.
    case whereRunIs([Int])

    /// Decides for a command.
    ///
    /// - Parameters:
    ///   - command: The command.
    ///   - shards: The shards of the bus.
    init(of command: Command, among shards: BusShards) {
        switch command {
        case .start(let start): self = Self.route(of: start, among: shards)
        case .cancel(let cancel): self = .whereRunIs(shards.shards(ofRun: cancel.run))
        case .resume(let resume): self = .whereRunIs(shards.shards(ofRun: resume.run))
        case .signal(let signal): self = .whereRunIs(shards.shards(ofRun: signal.run))
        case .schedule(let schedule): self = .on(shards.shard(of: schedule.name))
        case .unschedule(let steering): self = .on(shards.shard(of: steering.name))
        case .pauseSchedule(let steering): self = .on(shards.shard(of: steering.name))
        case .resumeSchedule(let steering): self = .on(shards.shard(of: steering.name))
        case .runSchedule(let steering): self = .on(shards.shard(of: steering.name))
        // The task came from here.
        case .complete, .fail, .release, .defer: self = .here
        }
    }

    private static func route(of start: StartCommand, among shards: BusShards) -> ShardRoute {
        // Published by the bridge that has the parent.
        if start.child != nil { return .here }
        // The runs of a schedule are where it is.
        if let schedule = start.schedule, start.run.hasPrefix(schedule + "@") { return .on(shards.shard(of: schedule)) }
        return .on(shards.shard(of: start.run))
    }
}
