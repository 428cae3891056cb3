import CanoPrimitives

/// Reads the header `Retry-After`: seconds, or a date of HTTP's preferred form.
enum RetryAfter {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// - Parameters:
    ///   - text: The header.
    ///   - now: The present, in milliseconds since 1970.
    /// - Returns: The pause, never negative; `nil` where the header says none.
    static func pause(_ text: String, at now: Int64) -> Duration? {
        let text = text.filter { $0 != "\r" && $0 != "\n" }
        if !text.isEmpty, text.allSatisfy({ ("0"..."9").contains($0) }) { return .seconds(Int64(text) ?? .max) }
        guard let moment = moment(text) else { return nil }
        return .milliseconds(max(0, moment - now))
    }

    /// A date such as `Sun, 06 Nov 1994 08:49:37 GMT`, in milliseconds since 1970.
    private static func moment(_ text: String) -> Int64? {
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", let day = Int(words[1]), let month = months.firstIndex(of: String(words[2])),
            let year = Int(words[3]), (1...CivilDate.longest(month + 1)).contains(day), (1970...9999).contains(year)
        else { return nil }
        let time = words[4].split(separator: ":").map { Int($0) }
        guard time.count == 3, let hour = time[0], let minute = time[1], let second = time[2],
            (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second)
        else { return nil }
        let days = CivilDate(year: year, month: month + 1, day: day).dayNumber
        return Int64(days * 86_400 + hour * 3_600 + minute * 60 + second) * 1_000
    }
}
