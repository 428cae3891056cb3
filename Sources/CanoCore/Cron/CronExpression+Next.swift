extension CronExpression {
    /// When it is due next, strictly after that moment.
    ///
    /// The clock on the wall is changed twice a year in many zones. An expression that names hours is due once on each day it
    /// fits: at a time the change skips it is due at the moment of the change instead, and of a time that comes twice it is the
    /// first. An expression that fits every hour goes by the hours that pass: it isn't due in an hour that is skipped, and due in
    /// both that have one name. Vixie's cron does the same for changes of less than three hours; here it holds for all.
    ///
    /// - Parameters:
    ///   - moment: Milliseconds since 1970.
    ///   - zone: Whose clock on the wall counts.
    /// - Returns: Milliseconds since 1970, whole seconds; `nil` when it is never due again. Nothing is due after 2099.
    public func next(after moment: Int64, in zone: ScheduleTimeZone) -> Int64? {
        guard moment < Self.end else { return nil }
        let second = Int(max(moment, -Self.end).divided(by: 1000))
        // The date may be changed backwards over midnight, so a day before may still have something to come.
        var from = (second + zone.offset(at: second)).divided(by: 86_400) - 1
        while let day = firstDay(from: from) {
            let times = DayInZone(number: day, zone: zone)
            var due = times.first(of: self, after: second)
            if times.isChanged, fits(dayNumber: day + 1) {
                due = [due, DayInZone(number: day + 1, zone: zone).first(of: self, after: second)].compactMap { $0 }.min()
            }
            if let due { return Int64(due) * 1000 }
            from = day + 1
        }
        return nil
    }

    /// The start of 2101, by when every year an expression may name is over in all zones.
    static let end: Int64 = 4_133_980_800_000
}

/// A day as the clock on the wall of a zone shows it. Seconds since 1970 throughout.
private struct DayInZone {
    /// Midnight as if the zone were UTC.
    private let midnight: Int
    private let before: Int
    private let after: Int
    /// When the offset changes from `before` to `after`.
    private let change: Int

    /// Whether the zone's offset changes on this day, or near it.
    var isChanged: Bool { before != after }

    init(number: Int, zone: ScheduleTimeZone) {
        midnight = number * 86_400
        // No offset is larger than 16 hours; no zone changed twice within two and a half days.
        var low = midnight - 16 * 3600
        var high = midnight + 40 * 3600
        (before, after) = (zone.offset(at: low), zone.offset(at: high))
        while before != after, high - low > 1 {
            let middle = low + (high - low) / 2
            if zone.offset(at: middle) == before { low = middle } else { high = middle }
        }
        change = high
    }

    /// The first due moment of this day that is after that one.
    func first(of expression: CronExpression, after moment: Int) -> Int? {
        guard isChanged else { return first(of: expression, from: moment + 1, offset: before, in: 0..<86_400) }
        let changeBefore = change + before - midnight
        let changeAfter = change + after - midnight
        // What the wall shows before the change, what it never shows, and what it shows from the change on.
        let earlier = first(of: expression, from: moment + 1, offset: before, in: 0..<max(changeBefore, 0))
        if let earlier { return earlier }
        if !expression.isHourly, change > moment, expression.firstTime(in: clamped(changeBefore..<max(changeBefore, changeAfter))) != nil {
            return change
        }
        let start = expression.isHourly ? changeAfter : max(changeBefore, changeAfter)
        return first(of: expression, from: moment + 1, offset: after, in: start..<max(start, 86_400))
    }

    /// The first due moment, not before that one, among these seconds of the day, at that offset.
    private func first(of expression: CronExpression, from moment: Int, offset: Int, in times: Range<Int>) -> Int? {
        let earliest = moment + offset - midnight
        let range = clamped(max(times.lowerBound, earliest)..<max(times.lowerBound, earliest, times.upperBound))
        return expression.firstTime(in: range).map { midnight + $0 - offset }
    }

    private func clamped(_ range: Range<Int>) -> Range<Int> { range.clamped(to: 0..<86_400) }
}

extension BinaryInteger {
    /// The quotient, rounded towards minus infinity.
    fileprivate func divided(by divisor: Self) -> Self {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
