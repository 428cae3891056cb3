#if SQLite
    /// Words that are looked for, as SQLite's FTS5 reads them: each whole. The beginnings of words could be those of a million others, whose lists
    /// would all have to be merged before the first run is found.
    struct TextQuery: Sendable, Hashable {
        /// The expression; nil where there is no word.
        let expression: String?

        /// Reads what a person typed.
        init(_ text: String) {
            let words = text.split(whereSeparator: \.isWhitespace).filter { $0.contains { $0.isLetter || $0.isNumber } }.map { word in
                "\"\(word.replacing("\"", with: "\"\"").replacing("\0", with: ""))\""
            }
            expression = words.isEmpty ? nil : words.joined(separator: " AND ")
        }
    }
#endif
