#if SQLite
    /// How many durations fell into each bucket.
    struct DurationCounts: Sendable, Hashable {
        private var counts: [Int: Int] = [:]
        private(set) var total = 0
        private(set) var longest: Int64 = 0

        mutating func add(_ count: Int, in bucket: DurationBucket, longest: Int64) {
            counts[bucket.index, default: 0] += count
            total += count
            self.longest = max(self.longest, longest)
        }

        /// The least duration that so large a part of them does not exceed, in milliseconds, to 2 %.
        func quantile(_ part: Double) -> Duration {
            let rank = max(1, Int((part * Double(total)).rounded(.up)))
            var seen = 0
            for (index, count) in counts.sorted(by: { $0.key < $1.key }) {
                seen += count
                if seen >= rank { return .milliseconds(min(longest, Int64(DurationBucket(index: index).middle.rounded()))) }
            }
            return .zero
        }
    }
#endif
