import CanoBus
import CanoCore
import CanoRedis
import Logging

/// The bus as one bridge sees it.
struct Bus: Sendable {
    /// The id of the bridge.
    let bridge: String
    let keys: BusKeys
    let limits: BusLimits
    let clock: BusClock
    let redis: any BusTransport
    let logger: Logger

    /// Calls scripts until they are answered.
    var scripts: ScriptSender { ScriptSender(redis, logger: logger) }
}
