import CanoBus
import CanoPrimitives
import CanoRedis

/// Reads how much there is of everything on one bus.
///
/// That costs Redis a few dozen short commands, however many runs there are, and five more for each queue of tasks. None of them is on the way
/// of a run.
struct BusLevelReader: Sendable {
    let bus: Bus
    let registry: WorkflowRegistry

    /// How many queues are looked at.
    private static let queues = 500

    func read() async throws(RedisError) -> BusLevels {
        var levels = BusLevels()
        try await readStreams(into: &levels)
        try await readRuns(into: &levels)
        try await readQueues(into: &levels)
        return levels
    }

    private func readStreams(into levels: inout BusLevels) async throws(RedisError) {
        let streams = InboundStream.allCases
        let lengths = try await values(
            streams.map { XLEN(bus.keys.inbound($0)) } + [XLEN(bus.keys.deadLetters), XLEN(bus.keys.events)])
        let oldest = try await values(streams.map { XRANGE(bus.keys.inbound($0), count: 1) })
        for (index, stream) in streams.enumerated() {
            levels.entries[stream] = lengths[index]
            levels.oldestEntries[stream] = oldest[index].map { age(of: $0.first?.id) }
        }
        levels.deadLetters = lengths[streams.count]
        levels.events = lengths[streams.count + 1]
    }

    private func readRuns(into levels: inout BusLevels) async throws(RedisError) {
        for (name, workflows) in Dictionary(grouping: registry.all, by: \.name) {
            let versions = workflows.map(\.version)
            let lists: [(status: RunStatus, keys: [String])] = [
                (.running, versions.map { bus.keys.leases(of: name, version: $0) }),
                (.waiting, versions.map { bus.keys.waits(of: name, version: $0) }),
                (.scheduled, (versions + [nil]).map { bus.keys.timers(of: name, version: $0) }),
            ]
            for (status, keys) in lists {
                let counts = try await values(keys.map { ZCARD($0) }).compactMap(\.self)
                levels.runs[BusLevels.Runs(workflow: name, status: status)] = counts.reduce(0, +)
            }
        }
        levels.schedules = try await values([ZCARD(bus.keys.schedules)])[0]
        let lease = Double(bus.clock.now - bus.limits.lease.wholeMilliseconds)
        levels.bridges = try await values([ZCOUNT(bus.keys.bridges, from: lease, through: .infinity)])[0]
    }

    private func readQueues(into levels: inout BusLevels) async throws(RedisError) {
        let listed = try await values([
            ZRANGEBYSCORE(bus.keys.queues, from: -.infinity, through: .infinity, offset: 0, count: Self.queues)
        ])[0]
        let names = (listed ?? []).map { String(decoding: $0.member, as: UTF8.self) }
        let keys = names.map { bus.keys.tasks(on: $0) }
        let lengths = try await values(keys.map { XLEN($0) })
        let held = try await values(names.map { XLEN(bus.keys.heldTasks(on: $0)) })
        let groups = try await values(keys.map { XINFO.GROUPS($0) }).map { $0?.first { $0.name == BusKeys.workers } }
        let waiting = try await values(zip(keys, groups).map { XRANGE($0, from: $1?.lastDelivered.next, count: 1) })
        let inHand = try await values(keys.map { XPENDING($0, BusKeys.workers, count: 1) })
        for (index, name) in names.enumerated() {
            let pending = groups[index]?.pending ?? 0
            levels.queues[name] = QueueLevel(
                waiting: max(0, (lengths[index] ?? 0) - pending), held: held[index] ?? 0, inHand: pending,
                oldestWaiting: age(of: waiting[index]?.first?.id), oldestInHand: age(of: inHand[index]?.first?.id))
        }
    }

    /// What each command answered; nil where a key is not there or holds something else.
    private func values<C: RedisCommand>(_ commands: [C]) async throws(RedisError) -> [C.Response?] {
        guard !commands.isEmpty else { return [] }
        var values: [C.Response?] = []
        for reply in try await bus.redis.pipeline(commands) {
            switch reply {
            case .success(let value): values.append(value)
            case .failure(let error) where error.serverError != nil: values.append(nil)
            case .failure(let error): throw error
            }
        }
        return values
    }

    /// The time since an entry was written, in milliseconds; 0 for none.
    private func age(of entry: StreamEntryID?) -> Int64 {
        entry.map { max(0, bus.clock.now - Int64(clamping: $0.milliseconds)) } ?? 0
    }
}
