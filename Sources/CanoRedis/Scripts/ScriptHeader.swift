/// What a script knows by name: its keys, its arguments, and constants, so that no number stands in two languages.
///
/// A script may use, besides the names of its keys and arguments: `keys` and `more_keys`, where the keys behind the named ones
/// begin; `arguments` and `lists`, where the lists begin; for each item of a list `<item>_<field>`, the place of a field in it,
/// and `<item>_width`; and its constants. A list is a count and the items behind it.
package struct ScriptHeader: Sendable {
    private var lines: [String] = []
    /// What stands in the text of the script itself wherever its name does. A local would be captured by each function that uses it, which costs
    /// more than most calls of Redis: Lua makes a script's functions anew at each call.
    private(set) var constants: [String: String] = [:]

    package init(keys: [String], arguments: [String], items: [any ScriptItem.Type] = [], constants: [ScriptConstant] = []) {
        lines.append("local keys, arguments = KEYS, ARGV")
        name(keys, "keys")
        name(arguments, "arguments")
        self.constants["more_keys"] = String(keys.count + 1)
        self.constants["lists"] = String(arguments.count + 1)
        for item in items { add(item) }
        for constant in constants { self.constants[constant.name] = constant.lua }
    }

    package var lua: String { lines.joined(separator: "\n") + "\n" }

    private mutating func name(_ names: [String], _ table: String) {
        guard !names.isEmpty else { return }
        let values = (1...names.count).map { "\(table)[\($0)]" }
        lines.append("local \(names.joined(separator: ", ")) = \(values.joined(separator: ", "))")
    }

    private mutating func add<Item: ScriptItem>(_ type: Item.Type) {
        for (place, field) in type.allCases.enumerated() { constants["\(type.item)_\(field.rawValue)"] = String(place) }
        constants["\(type.item)_width"] = String(type.allCases.count)
    }
}

/// A value that a script has by name because Swift knows it: a limit, or a text.
package struct ScriptConstant: Sendable {
    let name: String
    let lua: String

    package init(_ name: String, _ number: Int) {
        self.name = name
        lua = String(number)
    }

    /// Any text; what is no printable ASCII is escaped.
    package init(_ name: String, _ text: String) {
        self.name = name
        var literal = "'"
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "'"), UInt8(ascii: "\\"): literal += "\\" + String(Unicode.Scalar(byte))
            case 0x20..<0x7F: literal.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte)
                literal += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
            }
        }
        lua = literal + "'"
    }
}
