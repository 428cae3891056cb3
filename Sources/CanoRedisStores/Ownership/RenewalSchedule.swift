/// The parts in which an owner renews its leases within one interval, so that no single script holds up the server for long. Pure.
package struct RenewalSchedule<Run: Sendable>: Sendable {
    /// The most runs one script renews.
    package static var runsPerPart: Int { 200 }

    /// The parts in order: when each is due after the interval's begin, and its runs. Empty when there are no runs.
    package let parts: [(delay: Duration, runs: [Run])]

    /// Spreads runs over an interval.
    package init(of runs: [Run], over interval: Duration = .zero) {
        let starts = Array(stride(from: 0, to: runs.count, by: Self.runsPerPart))
        parts = starts.enumerated().map { index, start in
            (interval / starts.count * index, Array(runs[start..<min(start + Self.runsPerPart, runs.count)]))
        }
    }
}
