/// What a bus looked like at one moment, as far as its health can be told from it. Times are milliseconds since 1970 on Redis' clock.
package struct BusFacts: Sendable, Hashable {
    /// A stream of commands or answers that bridges take.
    package struct Inbound: Sendable, Hashable {
        package let name: String
        package let length: Int
        /// When its oldest entry was published; nil where it is empty.
        package let oldest: Int64?
        /// How long the longest of those that bridges have read was in their hands without a word; nil where there is none.
        package let longestPending: Duration?

        package init(_ name: String, length: Int, oldest: Int64? = nil, longestPending: Duration? = nil) {
            self.name = name
            self.length = length
            self.oldest = oldest
            self.longestPending = longestPending
        }
    }

    /// A group that reads events.
    package struct Reader: Sendable, Hashable {
        package let name: String
        /// The time of the last event that it was given, and how many it has not acknowledged.
        package let lastDelivered: Int64
        package let pending: Int
        /// How many events it was not given, those that are gone included; nil where that is not known.
        package let lag: Int?

        package init(_ name: String, lastDelivered: Int64, pending: Int, lag: Int?) {
            self.name = name
            self.lastDelivered = lastDelivered
            self.pending = pending
            self.lag = lag
        }
    }

    /// What the newest events tell of what is written, and what the records of runs take that have ended.
    package struct Writing: Sendable, Hashable {
        /// A run that has ended: its record and, where they are kept, its log and its store.
        package struct Kept: Sendable, Hashable {
            package let hasFailed: Bool
            package let bytes: Int
            /// How long it is kept from its end on; nil where that is for ever.
            package let time: Duration?

            package init(hasFailed: Bool, bytes: Int, time: Duration?) {
                self.hasFailed = hasFailed
                self.bytes = bytes
                self.time = time
            }
        }

        /// The bytes that all events take.
        package var eventBytes = 0
        /// How many of the newest events were looked at, and how many of these are ends of runs that failed, and of others.
        package var sampled = 0
        package var failedEnds = 0
        package var otherEnds = 0
        /// Some of those runs.
        package var kept: [Kept] = []

        package init() {}
    }

    /// What the user may do that the doctor is asked under.
    package struct Rights: Sendable, Hashable {
        package let user: String
        /// The rules that it lacks to do the work of a bridge, and that of an operator: one for each command that it may not call.
        package let missingToBridges: [String]
        package let missingToOperators: [String]

        package init(user: String, missingToBridges: [String], missingToOperators: [String]) {
            self.user = user
            self.missingToBridges = missingToBridges
            self.missingToOperators = missingToOperators
        }
    }

    /// What `INFO` says; nil where the user may not ask.
    package var info: [String: String]?
    package var isHashTagged = false
    package var now: Int64 = 0
    /// By how much this machine's clock is ahead of Redis'.
    package var clockAhead: Duration = .zero
    /// When each bridge was last heard of, by its id.
    package var heartbeats: [String: Int64] = [:]
    package var inbound: [Inbound] = []
    package var workflows: [ServedWorkflow] = []
    package var queues: [TaskQueue] = []
    package var readers: [Reader] = []
    /// The times of the oldest and the newest event; nil where there is none.
    package var oldestEvent: Int64?
    package var events = 0
    package var newestEvent: Int64?
    /// Nil where the user may not ask.
    package var writing: Writing?
    /// Nil where the user may not ask.
    package var rights: Rights?
    package var failedRuns = 0
    /// How many of them are kept for ever: they were not undone whole, or were quarantined.
    package var unfinishedRuns = 0
    /// Whether there are so many that only the last were looked at.
    package var hasMoreFailedRuns = false
    package var deadLetters = 0

    package init() {}
}

extension BusFacts {
    /// What a bus looks like at a glance, from what its shards do: what is there is counted together, and ages are told on the clock of the first.
    init(atAGlance shards: [BusFacts]) {
        self = shards.first ?? BusFacts()
        guard shards.count > 1 else { return }
        for shard in shards { heartbeats.merge(shard.heartbeats) { max($0, $1) } }
        let lanes = Dictionary(grouping: shards.flatMap(\.inbound), by: \.name)
        inbound = inbound.map { lane in
            let parts = lanes[lane.name] ?? []
            return Inbound(
                lane.name, length: parts.reduce(0) { $0 + $1.length }, oldest: parts.compactMap(\.oldest).min(),
                longestPending: parts.compactMap(\.longestPending).max())
        }
        workflows = ServedWorkflow.merged(shards.map(\.workflows))
        queues = TaskQueue.merged(shards.map(\.queues))
        events = shards.reduce(0) { $0 + $1.events }
        oldestEvent = shards.compactMap(\.oldestEvent).min()
        newestEvent = shards.compactMap(\.newestEvent).max()
        failedRuns = shards.reduce(0) { $0 + $1.failedRuns }
        deadLetters = shards.reduce(0) { $0 + $1.deadLetters }
    }
}
