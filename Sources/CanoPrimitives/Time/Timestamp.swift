/// A moment as events print it: RFC 3339 in UTC with milliseconds, such as `2026-03-01T09:30:00.125Z`.
package enum Timestamp {
    /// Prints a moment given in milliseconds since 1970. Moments before 1970 print as 1970.
    package static func text(_ milliseconds: Int64) -> String {
        let total = max(0, milliseconds)
        let date = CivilDate(dayNumber: Int(total / 86_400_000))
        let inDay = Int(total % 86_400_000)
        return String(unsafeUninitializedCapacity: 24) { text in
            func write(_ value: Int, at start: Int, digits: Int) {
                var rest = value
                for position in stride(from: start + digits - 1, through: start, by: -1) {
                    text[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                    rest /= 10
                }
            }
            write(date.year, at: 0, digits: 4)
            text[4] = UInt8(ascii: "-")
            write(date.month, at: 5, digits: 2)
            text[7] = UInt8(ascii: "-")
            write(date.day, at: 8, digits: 2)
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
