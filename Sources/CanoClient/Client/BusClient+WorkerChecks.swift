import CanoBus
import CanoCore
import CanoPrimitives
import CanoRedis

/// Checks of workers, in which this client plays the part of the bridges.
extension BusClient {
    /// Takes a worker through what the contract asks of it.
    ///
    /// It writes to this bus, which must be one that is not divided and that no bridge has ever served, and removes from the queue what it has put there.
    ///
    /// - Parameters:
    ///   - queue: The worker's queue.
    ///   - plan: What it is given to do.
    ///   - tell: What to do with a finding, as soon as there is one.
    /// - Throws: ``ClientError`` with the code `busInUse` when bridges serve this bus or have, or the queue has tasks of others; ``BusError`` with
    ///   the code `invalidName`; `RedisError`; `CancellationError`; what `tell` throws.
    package func checkWorker(of queue: String, _ plan: WorkerCheckPlan, tell: (WorkerFinding) throws -> Void) async throws {
        try Self.require(name: queue)
        try await requireUnused()
        let bench = WorkerBench(queue: queue, keys: first.keys, redis: first.redis)
        try await bench.clear()
        var check = WorkerCheck(plan, run: "check-\(RunID.random())")
        do {
            while !check.isOver {
                for step in check.proceed(try await bench.look()) {
                    switch step {
                    case .put(let tasks): try await bench.put(tasks)
                    case .remove(let entry): try await bench.remove([entry])
                    case .tell(let finding): try tell(finding)
                    }
                }
                if !check.isOver { try await first.clock.sleep(for: .milliseconds(20)) }
            }
        } catch {
            // What the worker still has is withdrawn. Where this fails too, the next check does it.
            do { try await bench.clear() } catch {}
            throw error
        }
        try await bench.clear()
    }

    /// A bridge would take the worker's answers, and another worker's tasks would be in the way.
    private func requireUnused() async throws {
        let (keys, redis) = (first.keys, first.redis)
        let bridges = try await redis.execute(ZCARD(keys.bridges))
        let isStream = try await redis.execute(TYPE(keys.results)) == "stream"
        let readers = isStream ? try await redis.execute(XINFO.GROUPS(keys.results)).filter { $0.name == BusKeys.group } : []
        guard bridges == 0, readers.isEmpty else {
            throw ClientError(
                .busInUse,
                "Bridges serve the prefix \"\(keys.prefix)\", or have: a check would get in their way. Start the worker and the check with a prefix "
                    + "of their own.")
        }
    }
}
