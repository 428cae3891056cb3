import CanoBus
import CanoPrimitives
import CanoRedis

/// A queue on which a worker is tried, and its results.
struct WorkerBench: Sendable {
    /// More than a check ever has on the queue, or a worker answers between two looks.
    private static let page = 100

    private let tasks: String
    private let results: String
    private let redis: RedisClient

    init(queue: String, keys: BusKeys, redis: RedisClient) {
        tasks = keys.tasks(on: queue)
        results = keys.results
        self.redis = redis
    }

    /// Makes the group, and removes what an earlier check has left.
    ///
    /// - Throws: ``ClientError`` with the code `busInUse` when there are tasks of others; `RedisError`.
    func clear() async throws {
        _ = try await redis.execute(XGROUP.CREATE(tasks, BusKeys.workers))
        let left = try await redis.execute(XRANGE(tasks, count: Self.page))
        guard left.count < Self.page,
            left.allSatisfy({ $0[Field.workflow.rawValue].map { String(decoding: $0, as: UTF8.self) } == WorkerCheck.workflow })
        else {
            throw ClientError(
                .busInUse, "The queue has tasks on it that are not of a check. Start the worker and the check with a prefix of their own.")
        }
        let pending = try await redis.execute(XPENDING(tasks, BusKeys.workers, count: Self.page)).map(\.id)
        try await remove(Array(Set(left.map(\.id) + pending)))
        _ = try await redis.execute(DEL([results]))
    }

    /// Takes entries off the queue, as a bridge does.
    func remove(_ entries: [StreamEntryID]) async throws {
        guard !entries.isEmpty else { return }
        _ = try await redis.execute(XACK(tasks, BusKeys.workers, entries))
        _ = try await redis.execute(XDEL(tasks, entries))
    }

    /// Puts tasks on the queue in one transaction: a worker that waits for the first is not given that alone.
    func put(_ entries: [TaskEntry]) async throws {
        let added = entries.map { XADD(tasks, texts: $0.fields.map { ($0.name, $0.value) }).encoded }
        let commands = [RESPCommand("MULTI")] + added + [RESPCommand("EXEC")]
        for reply in try await redis.pipeline(commands.map { TransactionPart(encoded: $0) }) { _ = try reply.get() }
    }

    /// What there is to see. Answers are taken off their stream.
    func look() async throws -> QueueSight {
        // In this order; see QueueSight.
        let (answered, pending, queued, time) = try await redis.pipeline(
            XRANGE(results, count: Self.page), XPENDING(tasks, BusKeys.workers, count: Self.page), XRANGE(tasks, count: Self.page), TIME())
        let answers = try answered.get()
        if !answers.isEmpty { _ = try await redis.execute(XDEL(results, answers.map(\.id))) }
        let holdings = try pending.get().map {
            ($0.id, QueueSight.Holding(consumer: $0.consumer, silence: $0.idle.wholeMilliseconds))
        }
        let entries = try queued.get().map { entry in
            (entry[Field.task.rawValue].map { String(decoding: $0, as: UTF8.self) } ?? "", entry.id)
        }
        return QueueSight(
            now: try time.get() / 1_000, answers: answers.map { WorkerAnswer("\($0.id)", $0.fields) },
            holdings: Dictionary(holdings) { first, _ in first }, entries: Dictionary(entries) { first, _ in first })
    }
}

/// A command of a transaction; what it comes to is said behind its end.
private struct TransactionPart: RedisCommand {
    let encoded: RESPCommand

    static func decode(_ reply: RESPValue) throws(RedisError) -> RESPValue { reply }
}
