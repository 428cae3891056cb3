/// One word of a script in Lua.
struct LuaToken: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case name
        case keyword
        case number
        /// A quoted text; the token's text is what is between the quotes, as it stands there.
        case string
        case symbol
    }

    let kind: Kind
    let text: String
    let line: Int

    private static let keywords: Set<String> = [
        "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "if", "in", "local", "nil", "not", "or", "repeat",
        "return", "then", "true", "until", "while",
    ]

    /// Splits a source. Comments, and a first line that begins with `#`, are left out.
    static func tokens(of source: String) -> [LuaToken] {
        var tokens: [LuaToken] = []
        for (index, text) in source.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            guard index > 0 || !text.hasPrefix("#") else { continue }
            var rest = text[...]
            while let first = rest.first {
                if first.isWhitespace {
                    rest = rest.dropFirst()
                } else if rest.hasPrefix("--") {
                    break
                } else {
                    let token = take(from: &rest, line: index + 1)
                    tokens.append(token)
                }
            }
        }
        return tokens
    }

    private static func take(from rest: inout Substring, line: Int) -> LuaToken {
        let first = rest[rest.startIndex]
        if first == "'" || first == "\"" {
            rest = rest.dropFirst()
            var text = ""
            while let character = rest.first, character != first {
                text.append(rest.removeFirst())
                if character == "\\", !rest.isEmpty { text.append(rest.removeFirst()) }
            }
            rest = rest.dropFirst()
            return LuaToken(kind: .string, text: text, line: line)
        }
        if first.isNumber {
            let number = rest.prefix { $0.isHexDigit || $0 == "." || $0 == "x" }
            rest = rest.dropFirst(number.count)
            return LuaToken(kind: .number, text: String(number), line: line)
        }
        if first.isLetter || first == "_" {
            let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            rest = rest.dropFirst(word.count)
            return LuaToken(kind: keywords.contains(String(word)) ? .keyword : .name, text: String(word), line: line)
        }
        let symbol = ["...", "..", "==", "~=", "<=", ">="].first { rest.hasPrefix($0) } ?? String(first)
        rest = rest.dropFirst(symbol.count)
        return LuaToken(kind: .symbol, text: symbol, line: line)
    }
}
