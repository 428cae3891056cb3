import CanoCore
import Synchronization

/// The time of the bus: Redis' clock, followed from afar.
///
/// Every bridge publishes times of the one clock all bridges share. The offset to it is learned from the answers to
/// heartbeats; in between time is measured, so setting this machine's clock does not move it.
final class BusClock: Sendable {
    private let clock: any EngineClock
    private let offset: Mutex<ClockOffset>
    private let setBacks = Atomic<Int>(0)
    /// The offset to Redis' clock as it was guessed at first.
    private let firstOffset: Int64

    /// By how much Redis' clock must be set to count as set, in milliseconds.
    static let smallestJump: Int64 = 1_000

    init(_ clock: any EngineClock) {
        self.clock = clock
        let local = Self.milliseconds(clock.now)
        firstOffset = clock.unixMilliseconds - local
        offset = Mutex(ClockOffset(guess: firstOffset, at: local))
    }

    /// Milliseconds since 1970 on Redis' clock.
    var now: Int64 {
        let local = Self.milliseconds(clock.now)
        return local + offset.withLock { $0.milliseconds }
    }

    /// Milliseconds that pass here, whatever any clock is set to: for what this bridge alone waits for.
    var steady: Int64 { Self.milliseconds(clock.now) + firstOffset }

    /// The present here, for measuring how long something takes.
    var instant: MonotonicInstant { clock.now }

    /// How often Redis' clock was seen to be set back.
    var setBackCount: Int { setBacks.load(ordering: .relaxed) }

    /// Takes note that Redis said `redis`, in milliseconds since 1970, some time between the two local moments.
    ///
    /// - Returns: By how much Redis' clock was set since the last note, in milliseconds: negative where it was set back.
    @discardableResult func learn(redis: Int64, between asked: MonotonicInstant, and answered: MonotonicInstant) -> Int64 {
        let jump = offset.withLock { $0.learn(redis, between: Self.milliseconds(asked), and: Self.milliseconds(answered)) }
        if jump <= -Self.smallestJump { setBacks.add(1, ordering: .relaxed) }
        return jump
    }

    private static func milliseconds(_ instant: MonotonicInstant) -> Int64 { instant.nanoseconds / 1_000_000 }
}
