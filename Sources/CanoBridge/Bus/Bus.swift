import CanoBus
import CanoCore
import CanoRedis
import Logging

/// The bus as one bridge sees it. An object, because whatever serves the bridge holds it: a copy costs one reference.
final class Bus: Sendable {
    /// The id of the bridge.
    let bridge: String
    let keys: BusKeys
    let limits: BusLimits
    let clock: BusClock
    let redis: any BusTransport
    let logger: Logger
    let random: RandomSource
    let wrongKeys: WrongKeys
    /// Where its metrics go, when the process has a backend for them.
    let metrics: BridgeRecorder?

    init(
        bridge: String, keys: BusKeys, limits: BusLimits, clock: BusClock, redis: any BusTransport, logger: Logger, random: RandomSource,
        metrics: BridgeRecorder? = .current()
    ) {
        self.bridge = bridge
        self.keys = keys
        self.limits = limits
        self.clock = clock
        self.redis = redis
        self.logger = logger
        self.random = random
        self.metrics = metrics
        wrongKeys = WrongKeys(keys, clock: clock, logger: logger)
    }

    /// Calls scripts until they are answered.
    var scripts: ScriptSender {
        ScriptSender(redis, logger: logger, random: random, timing: metrics.map { ScriptTiming(metrics: $0, clock: clock) })
    }
}
