import CanoBus
import CanoPrimitives

/// What a bus comes to in memory, if as much goes on being written as lately. Pure.
///
/// It counts what is kept for a time: events, and the records of runs that have ended. Runs under way and stores that runs share are as large as
/// they are.
struct MemoryForecast: Sendable, Hashable {
    let eventsPerSecond: Double
    let runsPerSecond: Double
    /// What the events, and the runs that have ended, take in the long run.
    let bytes: Double

    /// Less than this is too little to tell a rate by.
    private static let shortestSpan: Int64 = 60_000
    private static let fewestEvents = 100

    /// Nil where too little has happened, or can be seen.
    init?(_ facts: BusFacts) {
        guard let writing = facts.writing, let oldest = facts.oldestEvent, writing.sampled > 0, facts.events >= Self.fewestEvents,
            facts.now - oldest >= Self.shortestSpan
        else { return nil }
        eventsPerSecond = Double(facts.events) / (Double(facts.now - oldest) / 1_000)
        let rate = eventsPerSecond / Double(writing.sampled)
        runsPerSecond = rate * Double(writing.failedEnds + writing.otherEnds)
        // A client is not told how events are bounded: as they are where nothing else is said.
        let limits = BusLimits()
        let bytesPerEvent = Double(writing.eventBytes) / Double(facts.events)
        let events = min(
            eventsPerSecond * limits.eventRetention.inSeconds * bytesPerEvent, Double(limits.eventLength) * bytesPerEvent,
            max(Double(limits.eventBytes), Double(writing.eventBytes)))
        let failed = Self.kept(writing.kept.filter(\.hasFailed), limits.failedRetention) * rate * Double(writing.failedEnds)
        let others = Self.kept(writing.kept.filter { !$0.hasFailed }, limits.retention) * rate * Double(writing.otherEnds)
        bytes = events + failed + others
    }

    /// What several buses on one server come to together; nil where nothing can be told of any.
    init?(_ several: [BusFacts]) {
        let forecasts = several.compactMap { MemoryForecast($0) }
        guard !forecasts.isEmpty else { return nil }
        eventsPerSecond = forecasts.reduce(0) { $0 + $1.eventsPerSecond }
        runsPerSecond = forecasts.reduce(0) { $0 + $1.runsPerSecond }
        bytes = forecasts.reduce(0) { $0 + $1.bytes }
    }

    /// What one run of such takes, times the seconds for which it does.
    private static func kept(_ runs: [BusFacts.Writing.Kept], _ standard: Duration) -> Double {
        guard !runs.isEmpty else { return 0 }
        let bytes = Double(runs.map(\.bytes).reduce(0, +)) / Double(runs.count)
        // One that is kept for ever is told of elsewhere, and is the exception.
        let times = runs.compactMap(\.time?.inSeconds)
        return bytes * (times.isEmpty ? standard.inSeconds : times.reduce(0, +) / Double(times.count))
    }
}

extension Duration {
    fileprivate var inSeconds: Double { Double(wholeMilliseconds) / 1_000 }
}
