/// Which targets of the package use which, as the documentation draws it or as the manifest says it.
struct TargetPlan: Equatable {
    /// What each target uses, by its name.
    let uses: [String: Set<String>]

    /// Reads the section `### The targets`: a table of targets and what they use, both in backticks.
    init(document: String) {
        var uses: [String: Set<String>] = [:]
        for section in MarkdownTable.sections(in: document) where section.title == "The targets" {
            for row in section.rows where row.count > 1 {
                guard let target = MarkdownTable.code(in: row[0]).first else { continue }
                uses[target] = Set(MarkdownTable.code(in: row[1]))
            }
        }
        self.uses = uses
    }

    /// Reads the targets of a manifest that are in `Sources`, and those of their dependencies that are targets of the package.
    init(manifest: String) {
        var lexer = SwiftLexer(manifest, keepingStrings: true)
        let tokens = lexer.tokens()
        var declarations: [Declaration] = []
        for index in tokens.indices.dropLast(2) where tokens[index] == "." && tokens[index + 2] == "(" {
            guard ["target", "executableTarget", "systemLibrary"].contains(tokens[index + 1]) else { continue }
            declarations.append(Declaration(tokens[(index + 3)...], isLibraryOfSystem: tokens[index + 1] == "systemLibrary"))
        }
        let names = Set(declarations.map(\.name))
        uses = declarations.filter { !$0.hasPath && !$0.isLibraryOfSystem }.reduce(into: [:]) {
            $0[$1.name] = $1.dependencies.intersection(names)
        }
    }

    /// The targets of the package that a file imports and its own target does not use. The compiler finds such a module when another
    /// target happened to build it first.
    ///
    /// - Parameters:
    ///   - text: The file's text.
    ///   - target: The target the file belongs to.
    /// - Returns: Their names.
    func undeclaredImports(in text: String, of target: String) -> Set<String> {
        var lexer = SwiftLexer(text)
        let tokens = lexer.tokens()
        let imported = Set(zip(tokens, tokens.dropFirst()).lazy.filter { $0.0 == "import" }.map(\.1))
        return imported.intersection(uses.keys).subtracting(uses[target] ?? [])
    }

    /// How the two differ, one sentence for each target.
    static func differences(documented: TargetPlan, declared: TargetPlan) -> [String] {
        Set(documented.uses.keys).union(declared.uses.keys).sorted().compactMap { target in
            guard documented.uses[target] != declared.uses[target] else { return nil }
            let (said, drawn) = (text(declared.uses[target]), text(documented.uses[target]))
            return "\(target) uses \(said) in Package.swift and \(drawn) in the documentation"
        }
    }

    private static func text(_ uses: Set<String>?) -> String {
        guard let uses else { return "is not there" }
        return uses.isEmpty ? "nothing" : uses.sorted().joined(separator: ", ")
    }
}

/// The arguments of a target in a manifest.
private struct Declaration {
    var name = ""
    var dependencies: Set<String> = []
    var hasPath = false
    let isLibraryOfSystem: Bool

    init(_ arguments: ArraySlice<String>, isLibraryOfSystem: Bool) {
        self.isLibraryOfSystem = isLibraryOfSystem
        var depth = 0
        var label = ""
        for index in arguments.indices {
            switch arguments[index] {
            case "(", "[": depth += 1
            case ")" where depth == 0: return
            case ")", "]": depth -= 1
            case ":" where depth == 0: label = arguments[index - 1]
            case let token where token.hasPrefix("\""):
                let text = String(token.dropFirst().dropLast())
                switch (label, depth) {
                case ("name", 0): name = text
                case ("path", 0): hasPath = true
                case ("dependencies", 1): dependencies.insert(text)
                default: break
                }
            default: break
            }
        }
    }
}
