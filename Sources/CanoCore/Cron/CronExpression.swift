import CanoPrimitives

/// When something is due, in the notation of cron: `30 2 * * mon-fri` is half past two on working days.
///
/// Five fields are minute, hour, day of month, month and day of week. Six have the second in front, seven also the year
/// (1970–2099) at the end. A field is `*`, a number, a range `9-17`, any of these with a step (`*/15`, `9-17/2`, `5/10` from 5
/// on to the field's end), or several of them with commas between. Months and days of the week may be written as `jan` and
/// `mon`; 0 and 7 are Sunday, and Saturday ends the week. `?` is `*` in the two fields of days. `@yearly`, `@annually`, `@monthly`, `@weekly`, `@daily`, `@midnight` and
/// `@hourly` are short for the obvious. `L`, `W` and `#` are not understood.
///
/// When both fields of days are restricted (neither begins with `*` or `?`, nor allows every day), a day is due that fits
/// one of them, as everywhere; else one that fits both.
public struct CronExpression: Sendable, Hashable, CustomStringConvertible {
    /// The expression as it was written.
    public let description: String
    let seconds: CronValues
    let minutes: CronValues
    let hours: CronValues
    let years: CronValues
    private let daysOfMonth: CronValues
    private let months: CronValues
    private let daysOfWeek: CronValues

    /// Reads an expression.
    ///
    /// - Throws: ``CanoError/Category/configuration`` with the code `invalid_cron`, saying which field is wrong and what to write
    ///   instead; also when no day ever fits, such as a 30th of February.
    public init(_ text: String) throws(CanoError) {
        do {
            try self.init(parsing: text)
        } catch {
            throw CanoError(
                .configuration, "the cron expression \"\(text.prefix(100))\" cannot be read: \(error.text)", code: "invalid_cron")
        }
    }

    private init(parsing text: String) throws(CronProblem) {
        guard text.utf8.count <= 1000 else { throw CronProblem(text: "it is longer than 1000 bytes; write a shorter one") }
        let fields = try Self.fields(of: text)
        seconds = try CronField.second.values(fields[0])
        minutes = try CronField.minute.values(fields[1])
        hours = try CronField.hour.values(fields[2])
        daysOfMonth = try CronField.dayOfMonth.values(fields[3])
        months = try CronField.month.values(fields[4])
        daysOfWeek = try CronField.dayOfWeek.values(fields[5])
        years = try CronField.year.values(fields[6])
        description = text
        try checkThatADayFits()
    }

    /// The seven fields, those left out filled in.
    private static func fields(of text: String) throws(CronProblem) -> [Substring] {
        var fields = text.split { $0 == " " || $0 == "\t" }
        if let first = fields.first, first.hasPrefix("@") {
            guard fields.count == 1, let short = shorthands[first.lowercased()] else {
                let known = shorthands.keys.sorted().joined(separator: ", ")
                throw CronProblem(text: "\(text) is not known; write one of \(known), or five to seven fields")
            }
            fields = short.split(separator: " ")
        }
        guard (5...7).contains(fields.count) else {
            throw CronProblem(
                text: "it has \(fields.count) fields; write five (minute, hour, day of month, month, day of week), six with the second "
                    + "in front, or seven with the year at the end")
        }
        if fields.count == 5 { fields.insert("0", at: 0) }
        if fields.count == 6 { fields.append("*") }
        return fields
    }

    private static let shorthands = [
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0", "@daily": "0 0 * * *",
        "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
    ]

    private func checkThatADayFits() throws(CronProblem) {
        guard daysOfWeek.isWildcard || daysOfMonth.isWildcard, let day = daysOfMonth.min else { return }
        let fitting = (1...12).filter { months.contains($0) }
        let longest = fitting.map(CivilDate.longest).max() ?? 0
        guard day > longest else { return try checkThatAYearHasTheDay() }
        throw CronProblem(text: "day of month: the months it names have no day \(day); write a day up to \(longest)")
    }

    /// Not every year has each day: the 29th of February, or a Monday that is the first of May.
    private func checkThatAYearHasTheDay() throws(CronProblem) {
        guard let year = years.min, firstDay(from: CivilDate(year: year, month: 1, day: 1).dayNumber) == nil else { return }
        throw CronProblem(text: "year: in none of the years it names does a day fit; write others, or *")
    }

    /// Whether it is due in every hour of a day that fits. Such an expression counts hours that pass; every other one names
    /// hours of the clock on the wall. It matters when that clock is changed.
    var isHourly: Bool { hours.allowsAll }

    /// Whether something is due on that day, if at a time that exists on it.
    func fits(dayNumber: Int) -> Bool {
        let date = CivilDate(dayNumber: dayNumber)
        guard months.contains(date.month), years.contains(date.year) else { return false }
        let fitsMonth = daysOfMonth.contains(date.day)
        let fitsWeek = daysOfWeek.contains(CivilDate.weekday(ofDayNumber: dayNumber))
        return daysOfMonth.isWildcard || daysOfWeek.isWildcard ? fitsMonth && fitsWeek : fitsMonth || fitsWeek
    }

    /// The first day from that one on that fits, skipping months and years that don't.
    func firstDay(from dayNumber: Int) -> Int? {
        var number = dayNumber
        while true {
            let date = CivilDate(dayNumber: number)
            guard let year = years.next(from: date.year) else { return nil }
            if year > date.year {
                number = CivilDate(year: year, month: 1, day: 1).dayNumber
            } else if !months.contains(date.month) {
                let month = months.next(from: date.month)
                number = CivilDate(year: month == nil ? year + 1 : year, month: month ?? 1, day: 1).dayNumber
            } else if fits(dayNumber: number) {
                return number
            } else {
                number += 1
            }
        }
    }

    /// The first due second of a day that is in the range, in seconds since midnight.
    func firstTime(in range: Range<Int>) -> Int? {
        guard !range.isEmpty else { return nil }
        var hour = range.lowerBound / 3600
        var minute = range.lowerBound / 60 % 60
        var second = range.lowerBound % 60
        while let fittingHour = hours.next(from: hour) {
            if fittingHour > hour { (minute, second) = (0, 0) }
            hour = fittingHour
            while let fittingMinute = minutes.next(from: minute) {
                if fittingMinute > minute { second = 0 }
                minute = fittingMinute
                if let fittingSecond = seconds.next(from: second) {
                    let time = hour * 3600 + minute * 60 + fittingSecond
                    return time < range.upperBound ? time : nil
                }
                (minute, second) = (minute + 1, 0)
            }
            (hour, minute, second) = (hour + 1, 0, 0)
        }
        return nil
    }
}
