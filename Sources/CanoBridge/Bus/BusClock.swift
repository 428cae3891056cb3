import CanoCore
import Synchronization

/// The time of the bus: Redis' clock, followed from afar.
///
/// Every bridge publishes times of the one clock all bridges share. The offset to it is learned from the answers to
/// heartbeats; in between time is measured, so setting this machine's clock does not move it.
final class BusClock: Sendable {
    private let clock: any EngineClock
    private let offset: Mutex<ClockOffset>

    init(_ clock: any EngineClock) {
        self.clock = clock
        let local = Self.milliseconds(clock.now)
        offset = Mutex(ClockOffset(guess: clock.unixMilliseconds - local, at: local))
    }

    /// Milliseconds since 1970 on Redis' clock.
    var now: Int64 {
        let local = Self.milliseconds(clock.now)
        return local + offset.withLock { $0.milliseconds }
    }

    /// Takes note that Redis said `redis`, in milliseconds since 1970, some time between the two local moments.
    func learn(redis: Int64, between asked: MonotonicInstant, and answered: MonotonicInstant) {
        offset.withLock { $0.learn(redis, between: Self.milliseconds(asked), and: Self.milliseconds(answered)) }
    }

    private static func milliseconds(_ instant: MonotonicInstant) -> Int64 { instant.nanoseconds / 1_000_000 }
}
