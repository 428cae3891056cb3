/// So many of something, as people say it.
enum Counted {
    /// So many runs.
    static func runs(_ count: Int, _ one: String = "", _ several: String = "") -> String { text(count, "run", one, several) }

    /// So many dead letters.
    static func letters(_ count: Int, _ one: String = "", _ several: String = "") -> String { text(count, "letter", one, several) }

    /// A number with a noun, and the verb that goes with one of them or with several.
    private static func text(_ count: Int, _ noun: String, _ one: String, _ several: String) -> String {
        let words = count == 1 ? ["1 \(noun)", one] : ["\(count.grouped) \(noun)s", several]
        return words.filter { !$0.isEmpty }.joined(separator: " ")
    }
}
