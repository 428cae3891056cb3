/// A moment as events print it: RFC 3339 in UTC with milliseconds, such as `2026-03-01T09:30:00.125Z`.
enum EventTime {
    /// Prints a moment given in milliseconds since 1970.
    ///
    /// The date is found with the days-from-civil inverse of Howard Hinnant, "chrono-Compatible Low-Level Date
    /// Algorithms": exact for every year of the proleptic Gregorian calendar. Moments before 1970 print as 1970.
    static func text(_ milliseconds: Int64) -> String {
        let total = max(0, milliseconds)
        let days = total / 86_400_000
        let inDay = total % 86_400_000

        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)

        return String(unsafeUninitializedCapacity: 24) { text in
            func write(_ value: Int64, at start: Int, digits: Int) {
                var rest = value
                for position in stride(from: start + digits - 1, through: start, by: -1) {
                    text[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                    rest /= 10
                }
            }
            write(year, at: 0, digits: 4)
            text[4] = UInt8(ascii: "-")
            write(month, at: 5, digits: 2)
            text[7] = UInt8(ascii: "-")
            write(day, at: 8, digits: 2)
            text[10] = UInt8(ascii: "T")
            write(inDay / 3_600_000, at: 11, digits: 2)
            text[13] = UInt8(ascii: ":")
            write(inDay / 60_000 % 60, at: 14, digits: 2)
            text[16] = UInt8(ascii: ":")
            write(inDay / 1_000 % 60, at: 17, digits: 2)
            text[19] = UInt8(ascii: ".")
            write(inDay % 1_000, at: 20, digits: 3)
            text[23] = UInt8(ascii: "Z")
            return 24
        }
    }
}
