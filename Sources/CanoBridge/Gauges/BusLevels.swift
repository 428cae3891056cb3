import CanoBus

/// How much there is of everything on a bus, or on all shards of one. Pure.
///
/// What is nil could not be read: a key held something else, which is told elsewhere.
struct BusLevels: Sendable, Hashable {
    /// The runs of a workflow that are in a list.
    struct Runs: Sendable, Hashable {
        let workflow: String
        let status: RunStatus
    }

    var entries: [InboundStream: Int] = [:]
    /// The ages of the oldest entries, in milliseconds; 0 for none.
    var oldestEntries: [InboundStream: Int64] = [:]
    var deadLetters: Int?
    var events: Int?
    var runs: [Runs: Int] = [:]
    var schedules: Int?
    var bridges: Int?
    var queues: [String: QueueLevel] = [:]

    /// Adds those of another shard of the same bus. Every bridge is on every shard.
    mutating func add(_ other: BusLevels) {
        entries.merge(other.entries, uniquingKeysWith: +)
        oldestEntries.merge(other.oldestEntries, uniquingKeysWith: max)
        deadLetters = Self.sum(deadLetters, other.deadLetters)
        events = Self.sum(events, other.events)
        runs.merge(other.runs, uniquingKeysWith: +)
        schedules = Self.sum(schedules, other.schedules)
        bridges = [bridges, other.bridges].compactMap(\.self).max()
        for (name, level) in other.queues { queues[name, default: QueueLevel()].add(level) }
    }

    private static func sum(_ one: Int?, _ other: Int?) -> Int? {
        guard let one, let other else { return one ?? other }
        return one + other
    }
}
