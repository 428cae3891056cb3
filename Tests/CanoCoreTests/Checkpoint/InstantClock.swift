import CanoCore
import Synchronization

/// A clock on which every wait is over at once, and has taken its time all the same.
final class InstantClock: EngineClock {
    private let elapsed = Atomic<Int64>(0)

    var now: MonotonicInstant { MonotonicInstant(nanoseconds: elapsed.load(ordering: .sequentiallyConsistent)) }
    var unixMilliseconds: Int64 { now.nanoseconds / 1_000_000 }

    func sleep(until deadline: MonotonicInstant) async throws {
        try Task.checkCancellation()
        let now = elapsed.load(ordering: .sequentiallyConsistent)
        if deadline.nanoseconds > now { elapsed.store(deadline.nanoseconds, ordering: .sequentiallyConsistent) }
    }
}
