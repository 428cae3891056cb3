/// A Swift source as a list of tokens, without its comments and string literals. Code in an interpolation is kept.
///
/// It knows just enough of the language to tell which types a file declares and which it names.
struct SwiftSource {
    /// Where the file is.
    let path: String
    /// Identifiers and keywords whole, everything else character by character.
    let tokens: [String]
    /// The types and functions at the top level that other files can see.
    private(set) var types: Set<String> = []
    private(set) var functions: Set<String> = []
    /// What the names of generic parameters, nested types and associated types mean in this file is decided here.
    private(set) var shadows: Set<String> = []
    /// Names that are decided inside a type, for the files that extend it.
    private(set) var members: [String: Set<String>] = [:]
    /// The types the file extends.
    private(set) var extended: Set<String> = []
    /// The words of the file that may name a type: a member of another type is that type's business.
    private(set) var words: Set<String> = []
    /// The words that may be calls of a function.
    private(set) var calls: Set<String> = []

    private static let typeKeywords: Set = ["struct", "class", "enum", "actor", "protocol", "typealias"]
    private static let modifiers: Set = [
        "public", "package", "internal", "private", "fileprivate", "final", "indirect", "nonisolated", "async", "distributed",
        "usableFromInline", "frozen", "nonexhaustive", "@",
    ]

    init(path: String, text: String) {
        self.path = path
        var lexer = SwiftLexer(text)
        tokens = lexer.tokens()
        readDeclarations()
    }

    private func token(_ index: Int) -> String { tokens.indices.contains(index) ? tokens[index] : "" }

    private mutating func readDeclarations() {
        var depth = 0
        /// The top-level type or extension whose body is being read.
        var subject = ""
        for index in tokens.indices {
            let name = token(index + 1)
            if token(index - 1) != ".", isIdentifier(tokens[index]) {
                words.insert(tokens[index])
                if ["(", "{"].contains(name), token(index - 1) != "func" { calls.insert(tokens[index]) }
            }
            switch tokens[index] {
            case "{": depth += 1
            case "}": depth -= 1
            case let keyword where Self.typeKeywords.contains(keyword):
                guard token(index - 1) != ".", isIdentifier(name), name != "func", name != "var" else { continue }
                if depth == 0 {
                    subject = name
                    if isPrivate(index) { shadows.insert(name) } else { types.insert(name) }
                } else {
                    decide(name, in: subject)
                }
                for parameter in parameters(from: index + 2) { decide(parameter, in: subject) }
            case "associatedtype":
                decide(name, in: subject)
            case "extension" where depth == 0:
                subject = name
                extended.insert(name)
            case "func":
                if depth == 0, isIdentifier(name), !isPrivate(index) { functions.insert(name) }
                shadows.formUnion(parameters(from: index + 2))
            case "init", "subscript":
                shadows.formUnion(parameters(from: index + 1))
            default: break
            }
        }
    }

    private mutating func decide(_ name: String, in subject: String) {
        shadows.insert(name)
        members[subject, default: []].insert(name)
    }

    private func isIdentifier(_ token: String) -> Bool { token.first.map { $0.isLetter || $0 == "_" } ?? false }

    private func isPrivate(_ index: Int) -> Bool {
        var before = index - 1
        while Self.modifiers.contains(token(before)) {
            if ["private", "fileprivate"].contains(token(before)) { return true }
            before -= 1
        }
        return false
    }

    /// The names in a list of generic parameters that begins there.
    private func parameters(from start: Int) -> Set<String> {
        guard token(start) == "<" else { return [] }
        var names: Set<String> = []
        var depth = 0
        var expectsName = false
        for index in start..<tokens.count {
            switch tokens[index] {
            case "<":
                depth += 1
                expectsName = depth == 1
            case ">" where token(index - 1) != "-":
                depth -= 1
                if depth == 0 { return names }
            case ",": expectsName = depth == 1
            case "each", "let": break
            case let token:
                if expectsName { names.insert(token) }
                expectsName = false
            }
        }
        return names
    }
}
