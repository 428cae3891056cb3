/// Several limits at once, such as so many calls a second and so many a day: all of them or none.
public struct MultiRateLimiter: Resource {
    /// One of the limits.
    public struct Tier: Sendable {
        /// What it is called in errors and metrics.
        public let name: String
        /// What it takes from.
        public let meter: any RateMeter
        /// How much one acquire takes; nothing makes the tier have no effect.
        public let cost: Int
    }

    /// The limits, in the order they are taken from.
    public let tiers: [Tier]
    private let clock: any EngineClock
    private let metrics: LimiterMetrics

    /// Creates a limiter without limits: it lets everything through.
    public init(clock: any EngineClock = SystemClock()) { self.init(tiers: [], clock: clock, metrics: LimiterMetrics()) }

    private init(tiers: [Tier], clock: any EngineClock, metrics: LimiterMetrics) {
        self.tiers = tiers
        self.clock = clock
        self.metrics = metrics
    }

    /// The same with one more limit. A meter in two tiers is charged twice.
    public func adding(_ name: String, _ meter: any RateMeter, cost: Int = 1) -> MultiRateLimiter {
        MultiRateLimiter(tiers: tiers + [Tier(name: name, meter: meter, cost: cost)], clock: clock, metrics: metrics)
    }

    /// Takes from every limit, or from none.
    ///
    /// - Parameter names: The tiers to take from; all of them when empty. A name that isn't there enforces nothing.
    /// - Throws: ``CanoError/Category/rateLimited``, naming the first tier that has not enough; ``CanoError/retryAfter`` says
    ///   when it will.
    public func tryAcquire(_ names: [String] = []) throws(CanoError) {
        var taken: [(meter: any RateMeter, cost: Int, epoch: UInt64)] = []
        for tier in tiers where tier.cost > 0 && (names.isEmpty || names.contains(tier.name)) {
            if let epoch = tier.meter.tryDebit(tier.cost) {
                taken.append((tier.meter, tier.cost, epoch))
                continue
            }
            for entry in taken { entry.meter.credit(entry.cost, epoch: entry.epoch) }
            metrics.count(.multiLimiterThrottled, tier.name)
            guard let wait = tier.meter.timeUntil(tier.cost) else {
                throw CanoError(.configuration, "tier \"\(tier.name)\" can never give \(tier.cost)")
            }
            throw CanoError(.rateLimited, "tier \"\(tier.name)\" has not enough left", retryAfter: max(wait, .milliseconds(1)))
        }
    }

    /// Waits until every limit has enough and takes from all. Holds nothing while it waits.
    ///
    /// - Parameter names: The tiers to take from; all of them when empty.
    /// - Throws: `CancellationError` when cancelled, having taken nothing; ``CanoError/Category/configuration`` when a tier
    ///   can never give as much.
    public func acquire(_ names: [String] = []) async throws {
        while true {
            do {
                return try tryAcquire(names)
            } catch {
                guard let wait = error.retryAfter else { throw error }
                try await clock.sleep(for: wait)
            }
        }
    }
}
