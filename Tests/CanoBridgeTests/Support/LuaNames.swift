/// Finds the names in a script that stand for nothing: misspelled ones, and those of a library that the script has not.
///
/// It knows blocks, functions, loops and tables, which is all of Lua that the scripts use.
struct LuaNames {
    /// The globals that Redis gives a script, each with the members that scripts use; nil for what has none.
    static let globals: [String: Set<String>?] = [
        "KEYS": nil, "ARGV": nil, "tonumber": nil, "tostring": nil, "ipairs": nil, "pairs": nil, "unpack": nil, "select": nil,
        "type": nil, "error": nil, "pcall": nil,
        "redis": ["call", "pcall"], "cjson": ["encode"], "string": ["format", "gsub", "gmatch", "match", "sub", "find"],
        "math": ["abs", "floor", "huge", "max", "min"], "table": ["sort"],
    ]

    /// The names that are neither a local nor a known global, each with the line it stands in.
    private(set) var unknown: [LuaToken] = []
    /// The uses of names, members and keys left out, by their places among the tokens.
    private(set) var uses: [Int] = []

    private let tokens: [LuaToken]
    private var scopes: [Set<String>] = [[]]
    /// The names of loops whose bodies are still to come.
    private var loopNames: Set<String> = []
    /// For each open bracket whether it is a table's.
    private var brackets: [Bool] = []
    private var index = 0

    init(_ tokens: [LuaToken]) {
        self.tokens = tokens
        while index < tokens.count { step() }
    }

    private func text(at place: Int) -> String { tokens.indices.contains(place) && tokens[place].kind != .string ? tokens[place].text : "" }

    private mutating func step() {
        let token = tokens[index]
        switch (token.kind, token.text) {
        case (.keyword, "local"): takeLocal()
        case (.keyword, "function"):
            index += 1
            takeParameters()
        case (.keyword, "for"):
            index += 1
            loopNames = takeNames(upTo: ["in", "="])
        case (.keyword, "do"):
            scopes.append(loopNames)
            loopNames = []
            index += 1
        case (.keyword, "then"), (.keyword, "repeat"):
            scopes.append([])
            index += 1
        case (.keyword, "else"):
            scopes.removeLast()
            scopes.append([])
            index += 1
        case (.keyword, "elseif"), (.keyword, "end"), (.keyword, "until"):
            scopes.removeLast()
            index += 1
        case (.symbol, "{"), (.symbol, "("), (.symbol, "["):
            brackets.append(token.text == "{")
            index += 1
        case (.symbol, "}"), (.symbol, ")"), (.symbol, "]"):
            brackets.removeLast()
            index += 1
        case (.name, _):
            use(token)
            index += 1
        default:
            index += 1
        }
    }

    private mutating func use(_ token: LuaToken) {
        let isMember = text(at: index - 1) == "." || text(at: index - 1) == ":"
        let isKey = brackets.last == true && text(at: index + 1) == "=" && ["{", ","].contains(text(at: index - 1))
        guard !isMember, !isKey else { return }
        uses.append(index)
        if scopes.contains(where: { $0.contains(token.text) }) { return }
        guard let members = Self.globals[token.text] else {
            unknown.append(token)
            return
        }
        if let members, text(at: index + 1) == ".", !members.contains(text(at: index + 2)) { unknown.append(tokens[index + 2]) }
    }

    /// `local function name(…)`, or `local name, name`; what follows the names are uses.
    private mutating func takeLocal() {
        index += 1
        if text(at: index) == "function" {
            index += 1
            declare()
            takeParameters()
            return
        }
        declare()
        while text(at: index) == "," {
            index += 1
            declare()
        }
    }

    private mutating func declare() {
        scopes[scopes.count - 1].insert(tokens[index].text)
        index += 1
    }

    /// The parameters of a function, whose body begins behind them.
    private mutating func takeParameters() {
        let names = takeNames(upTo: [")"])
        index += 1
        scopes.append(names)
    }

    private mutating func takeNames(upTo ends: Set<String>) -> Set<String> {
        var names: Set<String> = []
        while index < tokens.count, !ends.contains(text(at: index)) {
            if tokens[index].kind == .name { names.insert(tokens[index].text) }
            index += 1
        }
        return names
    }
}
