#if SQLite
    import Foundation

    /// Durations that count as one: each bucket reaches 4 % further than the one before.
    ///
    /// Any number of durations is then some hundred counts, from which each quantile can be told to 2 %, for any time and added up in any order.
    struct DurationBucket: Sendable, Hashable {
        private static let growth = 1.04

        /// Which bucket it is; 0 is less than a millisecond.
        let index: Int

        init(index: Int) { self.index = index }

        /// The bucket of a duration in milliseconds.
        init(milliseconds: Int64) {
            index = milliseconds < 1 ? 0 : 1 + Int((log(Double(milliseconds)) / log(Self.growth)).rounded(.down))
        }

        /// A duration that is at most 2 % from each in the bucket, in milliseconds.
        var middle: Double {
            index == 0 ? 0 : pow(Self.growth, Double(index - 1)) * 2 * Self.growth / (1 + Self.growth)
        }
    }
#endif
