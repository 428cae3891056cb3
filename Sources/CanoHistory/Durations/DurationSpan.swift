#if SQLite
    import CanoClient

    /// A time whose durations are counted together: an hour, or a day, of UTC.
    ///
    /// Each duration counts in its hour and in its day, so a month is thirty rows of each state and not seven hundred.
    enum DurationSpan: Int64, CaseIterable {
        case hour = 0
        case day = 1

        var milliseconds: Int64 {
            switch self {
            case .hour: 3_600_000
            case .day: 86_400_000
            }
        }

        /// When the span begins that a moment belongs to.
        func start(of moment: Int64) -> Int64 { moment - ((moment % milliseconds) + milliseconds) % milliseconds }

        /// The spans that make up a time, which is widened to whole hours. Where it has no beginning or no end, days are all there is.
        static func covering(_ period: RunFilter.Period) -> [(span: DurationSpan, from: Int64, until: Int64)] {
            let from = period.from.map { hour.start(of: bounded($0)) } ?? .min
            let until = period.until.map { hour.start(of: bounded($0) - 1) + hour.milliseconds } ?? .max
            guard from < until else { return [] }
            let firstDay = from == .min ? .min : day.start(of: from + day.milliseconds - 1)
            let lastDay = until == .max ? .max : day.start(of: until)
            guard firstDay < lastDay else { return [(.hour, from, until)] }
            return [(span: .hour, from: from, until: firstDay), (.day, firstDay, lastDay), (.hour, lastDay, until)].filter {
                $0.from < $0.until
            }
        }

        /// A moment with which no sum here overflows.
        private static func bounded(_ moment: Int64) -> Int64 { min(max(moment, 0), 1 << 53) }
    }
#endif
