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
}
