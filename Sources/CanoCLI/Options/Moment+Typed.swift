import ArgumentParser
import CanoPrimitives
import Foundation

/// A moment as a person types it.
enum TypedMoment {
    /// The rule, for messages.
    static let rule = "how long ago, such as 90s, 30m, 2h or 7d, or a moment, such as 2026-03-01T09:30:00Z or 2026-03-01"

    /// Reads a moment.
    ///
    /// - Parameters:
    ///   - text: What was typed.
    ///   - option: The option, for messages.
    ///   - now: Milliseconds since 1970.
    /// - Returns: Milliseconds since 1970.
    /// - Throws: `ValidationError` when it is none.
    static func milliseconds(typed text: String, option: String, now: Int64) throws -> Int64 {
        if let period = Duration.withUnit(typed: text) { return now - period.wholeMilliseconds }
        // The parser passes over what it does not know, so half a moment would be a day, and 31 February one in March.
        let form = /\d{4}-\d{2}-\d{2}(T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d))?/
        let day = Date.ISO8601FormatStyle().year().month().day()
        let date = String(text.prefix(10))
        do {
            guard text.wholeMatch(of: form) != nil, day.format(try day.parse(date)) == date else { throw wrong(text, option) }
            let strategy = text == date ? day : Date.ISO8601FormatStyle(includingFractionalSeconds: text.contains("."))
            return Int64((try strategy.parse(text).timeIntervalSince1970 * 1_000).rounded())
        } catch {
            throw wrong(text, option)
        }
    }

    private static func wrong(_ text: String, _ option: String) -> ValidationError {
        ValidationError("\(option) is \"\(text)\": give \(rule).")
    }
}
