/// Puts a script together: its header, the functions that it shares with others, and its body.
///
/// Lua makes the functions of a script anew at each call, and what a plain step of a run spent on those that it doesn't use was a third of the
/// script. So a script may leave functions to the calls that need them: they are made where its body has the line ``marker``, behind whatever
/// asks whether the call does.
struct ScriptAssembly {
    /// Where in the body the functions are made that only some calls need.
    static let marker = "-- more functions"

    private let header: ScriptHeader
    private let libraries: String
    /// The functions that only some calls need, and the names of all that they define.
    private var more: [Substring] = []
    private var names: [Substring] = []

    /// Creates the assembly of a script.
    ///
    /// - Parameters:
    ///   - header: What it knows by name.
    ///   - libraries: The functions that every call needs.
    ///   - more: Those that only some calls need. What they define at the beginning of a line, `local function f(…)` or `local a, b = …`, is
    ///     known to the body as elsewhere.
    init(_ header: ScriptHeader, libraries: [[UInt8]], more: [[UInt8]]) {
        self.header = header
        self.libraries = libraries.map { String(decoding: $0, as: UTF8.self) }.joined()
        for text in more { add(Substring(String(decoding: text, as: UTF8.self))) }
    }

    private mutating func add(_ text: Substring) {
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if let definition = line.after("local function ") {
                let name = definition.prefix { $0 != "(" }
                names.append(name)
                more.append("\(name) = function\(definition[name.endIndex...])")
            } else if let definition = line.after("local ") {
                let defined = definition.prefix { $0 != "=" }
                names += defined.split { $0 == "," || $0 == " " }
                more.append(defined.endIndex == definition.endIndex ? "" : definition)
            } else {
                more.append(line)
            }
        }
    }

    /// The text of the script with this body, whose first line begins with `#!lua`.
    func source(_ body: [UInt8]) -> [UInt8] {
        var lines = String(decoding: body, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        let place = lines.firstIndex { $0.drop { $0 == " " } == Self.marker }
        assert((place == nil) == more.isEmpty, "functions that only some calls need, and the line where they are made, go together")
        if let place { lines.replaceSubrange(place...place, with: more) }
        let first = lines.isEmpty ? "" : String(lines.removeFirst())
        let declared = names.isEmpty ? "" : "local \(names.joined(separator: ", "))\n"
        // Redis wants the header line first.
        return Array("\(first)\n\(header.lua)".utf8)
            + Self.text("\(libraries)\(declared)\(lines.joined(separator: "\n"))", with: header.constants)
    }

    /// A text in Lua with the values of constants in place of their names. Comments, texts, members and keys of tables stay as they are.
    private static func text(_ text: String, with constants: [String: String]) -> [UInt8] {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var place = 0
        while place < bytes.count {
            let end = end(ofToken: bytes, at: place)
            let token = bytes[place..<end]
            if isName(bytes[place]), !isMemberOrKey(bytes, place..<end), let value = constants[String(decoding: token, as: UTF8.self)] {
                result += value.utf8
            } else {
                result += token
            }
            place = end
        }
        return result
    }

    /// Where a comment, a text in quotes, or a name or number ends that begins there; of all else, the next byte.
    private static func end(ofToken bytes: [UInt8], at place: Int) -> Int {
        let first = bytes[place]
        switch first {
        case UInt8(ascii: "-") where place + 1 < bytes.count && bytes[place + 1] == first:
            return bytes[place...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
        case UInt8(ascii: "'"), UInt8(ascii: "\""):
            var end = place + 1
            while end < bytes.count, bytes[end] != first { end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1 }
            return min(end + 1, bytes.count)
        case _ where isName(first) || isDigit(first):
            return bytes[place...].firstIndex { !isName($0) && !isDigit($0) } ?? bytes.endIndex
        default:
            return place + 1
        }
    }

    private static func isName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
        default: false
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// Whether a name stands behind a dot, but not behind two, which join texts; or before an equals sign, where a table's keys do.
    private static func isMemberOrKey(_ bytes: [UInt8], _ name: Range<Int>) -> Bool {
        let before = bytes[..<name.lowerBound].suffix(2)
        if before.last == UInt8(ascii: "."), before.first != UInt8(ascii: ".") || before.count < 2 { return true }
        let after = bytes[name.upperBound...].drop { $0 == UInt8(ascii: " ") }.prefix(2)
        return after.first == UInt8(ascii: "=") && after.last != UInt8(ascii: "=") || after.elementsEqual([UInt8(ascii: "=")])
    }
}

extension Substring {
    /// What is behind this beginning; nil where it begins otherwise.
    fileprivate func after(_ beginning: String) -> Substring? { hasPrefix(beginning) ? dropFirst(beginning.count) : nil }
}
