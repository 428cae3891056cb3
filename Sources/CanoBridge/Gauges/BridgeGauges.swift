import CanoBus
import CanoCore
import CanoRedis
import Logging
import Synchronization

/// Measures what is not recorded when it happens: how much there is of something, here and on all shards of the bus.
final class BridgeGauges: Sendable {
    /// A bus that the bridge serves, as what measures it sees it.
    struct Shard: Sendable {
        let bus: Bus
        let sessions: Sessions
        /// What its connection has done since it was made.
        let statistics: @Sendable () -> RedisStatistics
    }

    private let shards: [Shard]
    private let metrics: BridgeRecorder
    private let registry: WorkflowRegistry
    private let slots: RunSlots
    private let state: Mutex<State>

    /// How many queues are told apart.
    private static let namedQueues = 100

    private struct State {
        var counted: [RedisStatistics]
        /// What was last read of each shard; nil where nothing was.
        var levels: [BusLevels?]
        var names = BoundedNames(most: BridgeGauges.namedQueues)
        /// The queues that were told of: one that is gone is empty.
        var told: Set<String> = []
    }

    init(_ shards: [Shard], _ metrics: BridgeRecorder, registry: WorkflowRegistry, slots: RunSlots) {
        self.shards = shards
        self.metrics = metrics
        self.registry = registry
        self.slots = slots
        state = Mutex(
            State(
                counted: shards.map { _ in RedisStatistics(commands: 0, connections: 1) }, levels: shards.map { _ in nil }))
    }

    /// Looks once. What can't be read keeps the value it had.
    func look() async {
        lookHere()
        let areUp = await withTaskGroup(of: Bool.self) { group in
            for index in shards.indices { group.addTask { await self.look(at: index) } }
            return await group.reduce(true) { $0 && $1 }
        }
        if Task.isCancelled { return }
        metrics.set(.redisUp, to: areUp ? 1 : 0)
        tell()
    }

    private func lookHere() {
        let use = slots.use
        metrics.set(.slots, to: Double(use.total))
        metrics.set(.slotsTaken, to: Double(use.taken))
        for (kind, count) in use.waiting { metrics.set(.workWaiting, kind.label, to: Double(count)) }
        metrics.set(.runsInFlight, to: Double(shards.map(\.sessions.all.count).reduce(0, +)))
        for (index, shard) in shards.enumerated() {
            let now = shard.statistics()
            let counted = state.withLock { state in
                defer { state.counted[index] = RedisStatistics(commands: now.commands, connections: max(1, now.connections)) }
                return state.counted[index]
            }
            metrics.count(.redisCommands, by: now.commands - counted.commands)
            metrics.count(.redisReconnects, by: now.connections - counted.connections)
        }
    }

    /// Reads one shard; false when its Redis did not answer.
    private func look(at index: Int) async -> Bool {
        let bus = shards[index].bus
        do throws(RedisError) {
            let levels = try await BusLevelReader(bus: bus, registry: registry).read()
            state.withLock { $0.levels[index] = levels }
            return true
        } catch {
            bus.logger.debug("the bus could not be measured", metadata: ["prefix": "\(bus.keys.prefix)", "error": "\(error)"])
            return false
        }
    }

    // MARK: What is told

    private func tell() {
        var all = BusLevels()
        for levels in state.withLock({ $0.levels }).compactMap(\.self) { all.add(levels) }
        for (stream, length) in all.entries { metrics.set(.busEntries, stream.rawValue, to: Double(length)) }
        for (stream, age) in all.oldestEntries { metrics.set(.busOldestEntry, stream.rawValue, to: seconds(age)) }
        set(.busDeadLetters, to: all.deadLetters)
        set(.busEvents, to: all.events)
        for (runs, count) in all.runs { metrics.set(.busRuns, runs.workflow, runs.status.rawValue, to: Double(count)) }
        set(.busSchedules, to: all.schedules)
        set(.busBridges, to: all.bridges)
        tell(all.queues)
    }

    private func tell(_ queues: [String: QueueLevel]) {
        let levels = state.withLock { state in
            var levels = Dictionary(uniqueKeysWithValues: state.told.map { ($0, QueueLevel()) })
            for (name, level) in queues.sorted(by: { $0.key < $1.key }) {
                levels[state.names.label(of: name), default: QueueLevel()].add(level)
            }
            state.told = Set(levels.keys)
            return levels
        }
        for (label, level) in levels {
            metrics.set(.queueWaiting, label, to: Double(level.waiting))
            metrics.set(.queueHeld, label, to: Double(level.held))
            metrics.set(.queueInHand, label, to: Double(level.inHand))
            metrics.set(.queueOldestWaiting, label, to: seconds(level.oldestWaiting))
            metrics.set(.queueOldestInHand, label, to: seconds(level.oldestInHand))
        }
    }

    private func set(_ metric: BridgeMetric, to count: Int?) {
        if let count { metrics.set(metric, to: Double(count)) }
    }

    private func seconds(_ milliseconds: Int64) -> Double { Double(milliseconds) / 1_000 }
}
