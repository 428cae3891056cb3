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

    /// Reads a moment in the form that ``text(_:)`` prints, in milliseconds since 1970; nil of any other text.
    package static func milliseconds(_ text: String) -> Int64? {
        var text = text
        return text.withUTF8 { bytes -> Int64? in
            guard bytes.count == 24, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"), bytes[10] == UInt8(ascii: "T"),
                bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"), bytes[19] == UInt8(ascii: "."),
                bytes[23] == UInt8(ascii: "Z")
            else { return nil }
            func number(_ range: Range<Int>) -> Int? {
                var value = 0
                for byte in bytes[range] {
                    guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
                    value = value * 10 + Int(byte - UInt8(ascii: "0"))
                }
                return value
            }
            guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10), let hour = number(11..<13),
                let minute = number(14..<16), let second = number(17..<19), let milliseconds = number(20..<23),
                (1...12).contains(month), day >= 1, hour < 24, minute < 60, second < 60
            else { return nil }
            let date = CivilDate(year: year, month: month, day: day)
            guard CivilDate(dayNumber: date.dayNumber) == date else { return nil }
            return Int64(((date.dayNumber * 24 + hour) * 60 + minute) * 60 + second) * 1_000 + Int64(milliseconds)
        }
    }
}
