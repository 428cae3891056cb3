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
    let wrongKeys: WrongKeys

    init(bridge: String, keys: BusKeys, limits: BusLimits, clock: BusClock, redis: any BusTransport, logger: Logger) {
        self.bridge = bridge
        self.keys = keys
        self.limits = limits
        self.clock = clock
        self.redis = redis
        self.logger = logger
        wrongKeys = WrongKeys(keys, clock: clock, logger: logger)
    }

    /// Calls scripts until they are answered.
    var scripts: ScriptSender { ScriptSender(redis, logger: logger) }
}
