import CanoBus
public import CanoCore
import CanoRedis

/// How the bridge is.
extension Bridge {
    /// How far a bridge is in its life.
    public enum Phase: Int, Sendable, Hashable, Comparable {
        /// It waits for Redis, checks it and sets its workflows up.
        case starting
        /// It takes commands.
        case serving
        /// It takes none, and its runs come to their next step.
        case draining
        /// It has ended.
        case stopped

        /// Whether it comes before another.
        public static func < (one: Phase, other: Phase) -> Bool { one.rawValue < other.rawValue }
    }

    /// Asks the resources of all its workflows how they are, all at the same time: what the readiness of this bridge is
    /// decided by.
    ///
    /// - Parameter limit: How long an answer may take. A resource without one by then is unhealthy.
    /// - Returns: The answers by workflow, named `workflow@version/resource`.
    @concurrent public func checkHealth(within limit: Duration = .seconds(5)) async -> HealthReport {
        await HealthReport.asking(
            registry.all.map { workflow in
                ("\(workflow.name)@\(workflow.version)", { [runtime] in await workflow.checkHealth(within: limit, in: runtime) })
            })
    }

    /// Finds out whether the bridge does its work: Redis answers, its scripts do, the intake runs, it is not being stopped, and no resource is
    /// unhealthy.
    ///
    /// - Parameter limit: How long Redis and each resource may take to answer. Probes often wait no longer than a second themselves.
    /// - Returns: What was found; it fails never, and takes no longer than the limit.
    public func checkReadiness(within limit: Duration = .milliseconds(750)) async -> BridgeReadiness {
        async let health = checkHealth(within: limit)
        let seen = await withTaskGroup(of: (Int, BridgeReadiness.Shard).self) { [shards] group in
            for (index, shard) in shards.enumerated() { group.addTask { (index, await shard.readiness(within: limit)) } }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        return await BridgeReadiness(phase: phase, shards: shards.indices.compactMap { seen[$0] }, patience: patience, health: health)
    }
}

extension BridgeShard {
    fileprivate func readiness(within limit: Duration) async -> BridgeReadiness.Shard {
        let problem = await redisProblem(within: limit)
        return BridgeReadiness.Shard(prefix: bus.keys.prefix, redisProblem: problem, silence: heartbeat.silence)
    }

    /// Why Redis does not answer; nil where it does.
    private func redisProblem(within limit: Duration) async -> String? {
        await withTaskGroup(of: String?.self) { [redis, clock = pace.clock] group in
            group.addTask {
                do throws(RedisError) {
                    _ = try await redis.execute(PING())
                    return nil
                } catch {
                    return "\(error)"
                }
            }
            group.addTask {
                // Cancelled once Redis has answered.
                do { try await clock.sleep(for: limit) } catch { return nil }
                let cause = redis.connectionProblem.map { ": \($0)" } ?? ""
                return "Redis has not answered within \(limit)\(cause)"
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }
}
