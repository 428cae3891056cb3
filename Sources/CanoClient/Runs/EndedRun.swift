/// A run that ended badly, as the list of those has it.
struct EndedRun: Sendable, Hashable {
    /// When it ended, in milliseconds since 1970.
    let score: Int64
    let id: String

    /// Whether it comes before another one in the list, which begins with the last that ended; of those that ended in the same millisecond, in the
    /// order in which Redis reads them back.
    static func isBefore(_ one: EndedRun, _ other: EndedRun) -> Bool {
        one.score == other.score ? other.id.utf8.lexicographicallyPrecedes(one.id.utf8) : one.score > other.score
    }
}
