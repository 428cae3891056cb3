import CanoBus

/// The queues from which workers take tasks.
extension BusClient {
    /// All queues that bridges have put tasks on, by name. What it costs Redis depends on how many queues and workers there are, and not on how
    /// many tasks.
    ///
    /// - Returns: The queues, each with what is on it on all shards.
    /// - Throws: `RedisError`.
    public func taskQueues() async throws -> [TaskQueue] {
        TaskQueue.merged(try await onEachShard { try await $0.taskQueues() })
    }

    /// A queue, also one that no bridge has put a task on.
    ///
    /// - Parameter name: The queue's name.
    /// - Returns: The queue; an empty one where nothing has this name.
    /// - Throws: `BusError` with the code `invalidName`; `RedisError`.
    public func taskQueue(named name: String) async throws -> TaskQueue {
        try Self.require(name: name)
        return TaskQueue.merged(try await onEachShard { [try await $0.taskQueue(named: name)] }).first ?? TaskQueue(name: name)
    }

    /// The oldest tasks on a queue, those that workers have included.
    ///
    /// - Parameters:
    ///   - queue: The queue's name.
    ///   - count: How many at most.
    /// - Returns: The tasks, the oldest first.
    /// - Throws: `BusError` with the code `invalidName`; `RedisError`.
    public func tasks(on queue: String, count: Int = 100) async throws -> [QueuedTask] {
        try Self.require(name: queue)
        let tasks = try await onEachShard { try await $0.tasks(on: queue, count: count) }
        guard tasks.count > 1 else { return tasks[0] }
        return Array(tasks.joined().sorted { $0.id < $1.id }.prefix(count))
    }
}
