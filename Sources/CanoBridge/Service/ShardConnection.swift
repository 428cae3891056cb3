import CanoBus
import CanoCore
import CanoRedis
import Logging

/// The connection of a bridge to one shard of its bus, and the bus as it is seen there.
struct ShardConnection: Sendable {
    let bus: Bus
    let redis: RedisClient

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
        redis = RedisClient(connection, logger: logger)
        var limits = configuration.limits
        // While a bridge of another workflow stops and comes back, its commands wait here.
        limits.unknownWorkflowWait = max(limits.unknownWorkflowWait, configuration.drainTime + configuration.gracePeriod)
        bus = Bus(
            bridge: bridge, keys: keys, limits: limits, clock: BusClock(clock), redis: redis, logger: logger, random: random,
            metrics: metrics)
    }
}
