import CanoBus
import CanoRedis
import Logging
import Synchronization

/// Says which keys of the bus hold something else than they should, each once in a while: nothing but an operator can mend that.
final class WrongKeys: Sendable {
    private let keys: BusKeys
    private let clock: BusClock
    private let logger: Logger
    /// When each was told of last, in milliseconds that pass here.
    private let told = Mutex<[String: Int64]>([:])

    /// How long after a report the next one about a key comes, in milliseconds, and how many keys are remembered.
    private static let pause: Int64 = 60_000
    private static let most = 1_000

    init(_ keys: BusKeys, clock: BusClock, logger: Logger) {
        self.keys = keys
        self.clock = clock
        self.logger = logger
    }

    /// Says that a key holds something else.
    func report(_ key: String) {
        let now = clock.steady
        let isNews = told.withLock { told in
            if let last = told[key], now - last < Self.pause { return false }
            if told.count >= Self.most { told.removeAll() }
            told[key] = now
            return true
        }
        guard isNews else { return }
        logger.error(
            "a key holds something else than the bus keeps there: rename it, or delete it",
            metadata: ["key": "\(key)", "expected": "\(KeyKind(key, of: keys)?.rawValue ?? "-")"])
    }

    /// Looks which of a script's keys were in its way, once it was refused for one of them, and says so.
    func report(among keys: [String], after error: any Error, on redis: any BusTransport) async {
        guard (error as? RedisError)?.serverError?.code == "WRONGTYPE" else { return }
        do {
            for (key, type) in zip(keys, try await redis.pipeline(keys.map { TYPE($0) })) {
                let (found, expected) = (try type.get(), KeyKind(key, of: self.keys))
                if let expected, found != "none", found != expected.rawValue { report(key) }
            }
        } catch {
            logger.debug("the keys of a script that was refused could not be looked at", metadata: ["error": "\(error)"])
        }
    }
}
