/// How much is published a second, from what the streams have counted. Pure.
struct RateMeter: Sendable {
    /// What was counted at a moment.
    struct Sample: Sendable {
        let moment: ContinuousClock.Instant
        let events: Int
        let starts: Int
    }

    /// How many a second.
    struct Rates: Sendable, Hashable {
        let events: Double
        let starts: Double
    }

    /// Over how long rates are taken.
    private static let window = Duration.seconds(30)

    private var samples: [Sample] = []

    /// Adds a sample; one that counts less than the one before begins anew, for the stream was made again.
    mutating func add(_ sample: Sample) {
        if let last = samples.last, sample.events < last.events || sample.starts < last.starts { samples = [] }
        samples.append(sample)
        let oldest = sample.moment - Self.window
        // One that is older than the window is its beginning.
        while samples.count > 2, samples[1].moment <= oldest { samples.removeFirst() }
    }

    /// The rates between the first and the last sample; nil before there are two.
    var rates: Rates? {
        guard let first = samples.first, let last = samples.last, last.moment > first.moment else { return nil }
        let seconds = (last.moment - first.moment) / .seconds(1)
        return Rates(events: Double(last.events - first.events) / seconds, starts: Double(last.starts - first.starts) / seconds)
    }
}
