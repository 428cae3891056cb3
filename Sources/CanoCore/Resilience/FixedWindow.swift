/// A number of uses for each stretch of time. Told the time, holds no lock.
struct FixedWindow {
    let policy: WindowPolicy
    private(set) var used = 0
    private(set) var generation: UInt64 = 0
    private var start: MonotonicInstant

    init(_ policy: WindowPolicy, at now: MonotonicInstant) {
        self.policy = policy
        start = now
    }

    var end: MonotonicInstant { start.advanced(by: policy.window) }

    /// Begins a new window when the old one is over: with the first look after it, not on a grid.
    mutating func look(at now: MonotonicInstant) {
        guard now >= end else { return }
        start = now
        used = 0
        generation += 1
    }

    mutating func take(_ cost: Int, at now: MonotonicInstant) -> Bool {
        look(at: now)
        guard cost <= policy.limit - used else { return false }
        used += cost
        return true
    }

    mutating func putBack(_ cost: Int, generation taken: UInt64, at now: MonotonicInstant) {
        look(at: now)
        if taken == generation { used = max(0, used - max(cost, 0)) }
    }

    mutating func wait(for cost: Int, at now: MonotonicInstant) -> Duration? {
        look(at: now)
        guard cost <= policy.limit else { return nil }
        return cost <= policy.limit - used ? .zero : now.duration(to: end)
    }
}
