import CanoBus
import CanoPrimitives
import CanoRedis

/// The queues of one shard.
extension ShardClient {
    /// All queues, by name.
    func taskQueues() async throws -> [TaskQueue] {
        let listed = try await redis.execute(ZRANGE(keys.queues, from: 0, through: -1)).map { String(decoding: $0, as: UTF8.self) }
        return try await listed.sorted().mapConcurrently { try await self.taskQueue(named: $0) }
    }

    /// A queue; an empty one where nothing has this name.
    func taskQueue(named name: String) async throws -> TaskQueue {
        let key = keys.tasks(on: name)
        guard try await redis.execute(TYPE(key)) == "stream" else { return TaskQueue(name: name) }
        let (length, held, groups, time) = try await redis.pipeline(
            XLEN(key), XLEN(keys.heldTasks(on: name)), XINFO.GROUPS(key), TIME())
        let now = try time.get()
        guard let group = try groups.get().first(where: { $0.name == BusKeys.workers }) else {
            let oldest = try await redis.execute(XRANGE(key, count: 1)).first
            return TaskQueue(name: name, waiting: try length.get(), held: try held.get(), oldestWaiting: oldest?.id.age(at: now))
        }
        let (consumers, waiting, inHand) = try await redis.pipeline(
            XINFO.CONSUMERS(key, BusKeys.workers), XRANGE(key, from: group.lastDelivered.next ?? .max, count: 1),
            XPENDING(key, BusKeys.workers, count: 1))
        let workers = try consumers.get().map { QueueWorker(name: $0.name, inHand: $0.pending, silence: $0.idle) }
        return TaskQueue(
            name: name, waiting: max(0, try length.get() - group.pending), held: try held.get(), inHand: group.pending,
            oldestWaiting: try waiting.get().first?.id.age(at: now), oldestInHand: try inHand.get().first?.id.age(at: now),
            workers: workers.sorted { ($0.silence, $0.name) < ($1.silence, $1.name) })
    }

    /// The oldest tasks on a queue, those that workers have included, the oldest first.
    func tasks(on queue: String, count: Int) async throws -> [QueuedTask] {
        let key = keys.tasks(on: queue)
        guard try await redis.execute(TYPE(key)) == "stream" else { return [] }
        let (entries, groups, time) = try await redis.pipeline(XRANGE(key, count: count), XINFO.GROUPS(key), TIME())
        let now = try time.get()
        // What is pending is on the stream as well, so of the oldest entries those that are pending are the oldest pending ones.
        let hasGroup = try groups.get().contains { $0.name == BusKeys.workers }
        let pending = hasGroup ? try await redis.execute(XPENDING(key, BusKeys.workers, count: count)) : []
        let holders = Dictionary(pending.map { ($0.id, QueuedTask.Holder(worker: $0.consumer, silence: $0.idle)) }) { first, _ in first }
        return try entries.get().map { entry in
            let fields = entry.fields.map { (String(decoding: $0.name, as: UTF8.self), String(decoding: $0.value, as: UTF8.self)) }
            return QueuedTask(
                id: entry.id, age: entry.id.age(at: now), holder: holders[entry.id], fields: Dictionary(fields) { $1 })
        }
    }
}

extension StreamEntryID {
    /// The time since it was given out, by Redis' own clock, which says microseconds since 1970. Nothing is younger than no time.
    fileprivate func age(at now: Int64) -> Duration {
        .milliseconds(Swift.max(0, now / 1_000 - Int64(clamping: milliseconds)))
    }
}
