import ArgumentParser

extension Duration {
    /// Reads a number of seconds as a person types it, to the millisecond.
    ///
    /// - Throws: `ValidationError` when it is no number, is negative, or is so large that moments could overflow.
    static func seconds(typed text: String) throws -> Duration {
        guard let seconds = Double(text), (0...1e9).contains(seconds) else {
            throw ValidationError("Give a number of seconds from 0 to 1000000000, such as 1.5.")
        }
        return .milliseconds(Int64((seconds * 1_000).rounded()))
    }

    /// The units that a number may have behind it, in milliseconds.
    private static let units: [Character: Double] = ["s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]

    /// Reads a number with its unit, such as `90s`, `30m`, `2h` or `7d`; nil when it is none, or so large that moments could overflow.
    static func withUnit(typed text: String) -> Duration? {
        guard let unit = text.last.flatMap({ units[$0] }), let count = Double(text.dropLast()), (0...1e9).contains(count) else {
            return nil
        }
        return .milliseconds(Int64((count * unit).rounded()))
    }

    /// Reads a number with its unit.
    ///
    /// - Throws: `ValidationError`.
    static func withUnit(typed text: String, option: String) throws -> Duration {
        guard let duration = withUnit(typed: text) else {
            throw ValidationError("\(option) is \"\(text)\": give how long, such as 90s, 30m, 2h or 7d.")
        }
        return duration
    }
}
