import CanoBus
import CanoCore
import CanoRedis
import Logging

/// The connection of a bridge to one shard of its bus, and the bus as it is seen there.
struct ShardConnection: Sendable {
    let bus: Bus
    let redis: RedisClient

    /// Says again and again on the bus how safe the bridge has its writes be: a write that the server never passes over, also where its memory is full.
    private static func mark(in key: String, of bridge: String, _ durability: RedisDurability) -> [String] {
        let script = "#!lua flags=allow-oom\nreturn redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])"
        return ["EVAL", script, "1", key, bridge, durability.description]
    }

    /// - Parameters:
    ///   - keys: The keys of the shard.
    ///   - bridge: The id of the bridge.
    ///   - configuration: The bridge's settings.
    ///   - clock: The engine's own clock.
    ///   - random: Where chance comes from.
    ///   - metrics: Where the bridge's metrics go.
    ///   - logger: Where the bridge logs.
    init(
        _ keys: BusKeys, of bridge: String, _ configuration: BridgeConfiguration, clock: any EngineClock, random: RandomSource,
        metrics: BridgeRecorder?, logger: Logger
    ) {
        var connection = configuration.redis
        connection.clientName = bridge
        connection.clusterKey = keys.commands
        connection.durabilityMark = Self.mark(in: keys.durability, of: bridge, connection.durability)
        redis = RedisClient(connection, logger: logger)
        var limits = configuration.limits
        // While a bridge of another workflow stops and comes back, its commands wait here.
        limits.unknownWorkflowWait = max(limits.unknownWorkflowWait, configuration.drainTime + configuration.gracePeriod)
        bus = Bus(
            bridge: bridge, keys: keys, limits: limits, clock: BusClock(clock), redis: redis, logger: logger, random: random,
            metrics: metrics)
    }
}
