import CanoCore
import Synchronization

/// The time of the bus: Redis' clock, followed from afar.
///
/// Every bridge publishes times of the one clock all bridges share; the offset to it is learned from the answers to
/// heartbeats and is as exact as half of their round trip.
final class BusClock: Sendable {
    private let clock: any EngineClock
    private let offset = Atomic<Int64>(0)

    init(_ clock: any EngineClock) {
        self.clock = clock
    }

    /// Milliseconds since 1970 on Redis' clock.
    var now: Int64 {
        clock.unixMilliseconds + offset.load(ordering: .relaxed)
    }

    /// Takes note that Redis said `redis` some time between the two local moments, all in milliseconds.
    func learn(redis: Int64, between asked: Int64, and answered: Int64) {
        offset.store(redis - (asked + answered) / 2, ordering: .relaxed)
    }

    /// The local clock, for the moments that ``learn(redis:between:and:)`` takes.
    var local: Int64 { clock.unixMilliseconds }
}
