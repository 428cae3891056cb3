#if SQLite
    /// How long runs of a workflow stayed in one of its states.
    public struct StateDurations: Sendable, Hashable {
        /// The state.
        public let state: String
        /// How many stays there were that ended in the time that was asked about.
        public let count: Int
        /// What half of them did not exceed, to 2 %.
        public let median: Duration
        /// What nineteen of twenty did not exceed, to 2 %.
        public let p95: Duration
        /// The longest, to the millisecond.
        public let longest: Duration

        init(state: String, _ counts: DurationCounts) {
            self.state = state
            count = counts.total
            median = counts.quantile(0.5)
            p95 = counts.quantile(0.95)
            longest = .milliseconds(counts.longest)
        }
    }
#endif
