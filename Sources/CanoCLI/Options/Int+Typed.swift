import ArgumentParser

extension Int {
    /// Reads how many of something as a person types it.
    ///
    /// - Throws: `ValidationError` when it is no whole number, or less than 1.
    static func count(typed text: String) throws -> Int {
        guard let count = Int(text), count > 0 else { throw ValidationError("Give a whole number of 1 or more, such as 256.") }
        return count
    }
}
