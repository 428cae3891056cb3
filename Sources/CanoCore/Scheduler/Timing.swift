import CanoPrimitives

/// What makes a flow due.
public enum Timing: Sendable, Hashable {
    /// At once, then again that long after each run has ended. Never overlaps itself.
    case every(Duration)
    /// At once, then at moments that lie exactly that far apart, however long runs take.
    case fixedRate(Duration)
    /// Whenever the expression says so, on the clock on the wall of that zone.
    case cron(CronExpression, in: ScheduleTimeZone)
    /// Once, at that moment: milliseconds since 1970. A moment that has passed was missed: see ``CatchUpPolicy``.
    case once(at: Int64)
    /// Only when triggered.
    case manual

    /// Whenever the expression says so, in UTC.
    public static func cron(_ expression: CronExpression) -> Timing { .cron(expression, in: .utc) }

    /// Whether due times are moments of the wall clock, which may jump; else they are measured and only durations count.
    package var followsWallClock: Bool {
        switch self {
        case .cron, .once: true
        case .every, .fixedRate, .manual: false
        }
    }

    /// What makes it impossible; `nil` when nothing does.
    package var problem: String? {
        switch self {
        case .every(let interval), .fixedRate(let interval):
            if interval < .milliseconds(1) {
                "an interval of \(interval) is too short: give it a millisecond or more"
            } else if interval > .milliseconds(Self.century) {
                "an interval of \(interval) is too long: give it a century or less"
            } else {
                nil
            }
        case .once(let at):
            (0..<CronExpression.end).contains(at)
                ? nil : "\(at) is no moment from 1970 to 2100: give it in milliseconds since 1970"
        case .cron, .manual: nil
        }
    }

    /// The longest duration that counts, in milliseconds.
    static let century: Int64 = 36_525 * 86_400_000

    /// The first due time after that moment, on the same time line, with due times of a fixed rate counted from the anchor.
    ///
    /// - Returns: `nil` when there is none, and for timings that depend on runs.
    package func next(after moment: Int64, anchor: Int64) -> Int64? {
        switch self {
        case .fixedRate(let interval):
            let step = max(interval.wholeMilliseconds, 1)
            guard moment >= anchor else { return anchor }
            let (next, overflow) = anchor.addingReportingOverflow(((moment - anchor) / step + 1) * step)
            return overflow ? nil : next
        case .cron(let expression, let zone): return expression.next(after: moment, in: zone)
        case .once(let at): return at > moment ? at : nil
        case .every, .manual: return nil
        }
    }

    /// The latest due times, that many at most, after the first moment and up to the second, oldest first.
    package func latest(_ limit: Int, after start: Int64, through end: Int64, anchor: Int64) -> [Int64] {
        guard limit > 0, start < end else { return [] }
        // Looks back twice as far each time, so that a long absence from something frequent costs little.
        var span: Int64 = 60_000
        while true {
            let from = end - start > span ? end - span : start
            var found: [Int64] = []
            var moment = from
            while let due = next(after: moment, anchor: anchor), due <= end {
                found.append(due)
                if found.count >= 2 * limit { found.removeFirst(found.count - limit) }
                moment = due
            }
            if found.count >= limit || from == start { return found.suffix(limit) }
            span *= 2
        }
    }
}
