import CanoBus

/// On which shard of a bus a command is carried out: on that of the run or the schedule which it is about. Pure.
enum ShardRoute: Sendable, Hashable {
    /// On the one it was published on.
    case here
    /// On that one.
    case on(Int)
    /// Where the run is: on the one it was published on, or on one of these. On the first where it is on none.
    case whereRunIs([Int])
    /// Where the schedule of that name is: on one of these, and on the first where it is on none.
    case whereScheduleIs(String, [Int])

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
        case .schedule(let schedule): self = Self.route(ofSchedule: schedule.name, among: shards)
        case .unschedule(let steering): self = Self.route(ofSchedule: steering.name, among: shards)
        case .pauseSchedule(let steering): self = Self.route(ofSchedule: steering.name, among: shards)
        case .resumeSchedule(let steering): self = Self.route(ofSchedule: steering.name, among: shards)
        case .runSchedule(let steering): self = Self.route(ofSchedule: steering.name, among: shards)
        // The task came from here.
        case .complete, .fail, .release, .defer: self = .here
        }
    }

    private static func route(of start: StartCommand, among shards: BusShards) -> ShardRoute {
        // Published by the bridge that has the parent.
        if start.child != nil { return .here }
        // The runs of a schedule are where it is.
        if let schedule = start.schedule, start.run.hasPrefix(schedule + "@") { return route(ofSchedule: schedule, among: shards) }
        let places = shards.shards(ofName: start.run)
        return places.count == 1 ? .on(places[0]) : .whereRunIs(places)
    }

    private static func route(ofSchedule name: String, among shards: BusShards) -> ShardRoute {
        let places = shards.shards(ofName: name)
        return places.count == 1 ? .on(places[0]) : .whereScheduleIs(name, places)
    }
}
