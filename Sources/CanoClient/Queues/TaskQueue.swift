/// A queue of tasks as it was at one moment.
public struct TaskQueue: Sendable, Hashable {
    /// Its name.
    public let name: String
    /// How many tasks no worker has been given yet.
    public let waiting: Int
    /// How many tasks are held back besides, since the queue has as many as its workflows allow.
    public let held: Int
    /// How many tasks workers have.
    public let inHand: Int
    /// The time since the oldest task that waits was put on the queue; nil when none waits.
    public let oldestWaiting: Duration?
    /// The time since the oldest task that a worker has was put on the queue; nil when no worker has one. Redis does not keep when a worker
    /// was given it.
    public let oldestInHand: Duration?
    /// All that have read the queue under a name of their own, also those that are gone, until they were not heard of for an hour. The one heard of
    /// last comes first.
    public let workers: [QueueWorker]

    package init(
        name: String, waiting: Int = 0, held: Int = 0, inHand: Int = 0, oldestWaiting: Duration? = nil, oldestInHand: Duration? = nil,
        workers: [QueueWorker] = []
    ) {
        self.name = name
        self.waiting = waiting
        self.held = held
        self.inHand = inHand
        self.oldestWaiting = oldestWaiting
        self.oldestInHand = oldestInHand
        self.workers = workers
    }
}

extension TaskQueue {
    /// The queues of a bus, by name, from those of its shards: what is on them is counted together.
    static func merged(_ shards: [[TaskQueue]]) -> [TaskQueue] {
        guard shards.count > 1 else { return shards.first ?? [] }
        return Dictionary(grouping: shards.joined(), by: \.name).map { name, parts in
            TaskQueue(
                name: name, waiting: parts.reduce(0) { $0 + $1.waiting }, held: parts.reduce(0) { $0 + $1.held },
                inHand: parts.reduce(0) { $0 + $1.inHand }, oldestWaiting: parts.compactMap(\.oldestWaiting).max(),
                oldestInHand: parts.compactMap(\.oldestInHand).max(), workers: QueueWorker.merged(parts.flatMap(\.workers)))
        }.sorted { $0.name < $1.name }
    }
}
