import CanoPrimitives

/// What runs may be called.
///
/// Two slashes in a row are kept for ids that are made of a run's, as those of its children are (``ChildName``): what stands before them says
/// which shard they belong to (``RunShard``).
package enum RunName {
    /// The rule, for messages.
    package static let rule = "1 to 200 characters of A-Z a-z 0-9 . _ : @ / -, never two / in a row"

    /// The rule as a regular expression, without anchors. It leaves out how long an id may be, which ``maximumBytes`` says.
    package static let pattern = "(?:/?[A-Za-z0-9._:@-]+(?:/[A-Za-z0-9._:@-]+)*(?:/?|(?:\(ChildName.pattern))+)|/)"

    /// The longest id.
    package static let maximumBytes = 200

    /// What no id has in it but that of a child, which no command chooses.
    package static let reserved = "//"

    /// What the run is called that a CloudEvent starts without a `runid`: source and id with two colons between them.
    ///
    /// In both, a byte that no run id may have, a colon, and a slash right behind a slash become a colon and two hexadecimal digits. So no two
    /// pairs of a source and an id have the same name.
    package static func ofEvent(_ id: String, from source: String?) -> String {
        (source.map { escaped($0) + "::" } ?? "") + escaped(id)
    }

    private static func escaped(_ text: String) -> String {
        var last: UInt8 = 0
        return text.utf8.reduce(into: "") { name, byte in
            defer { last = byte }
            let isAllowed = Name.isAllowed(byte) || byte == UInt8(ascii: "@") || (byte == UInt8(ascii: "/") && last != UInt8(ascii: "/"))
            if isAllowed {
                name.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                name += (byte < 16 ? ":0" : ":") + String(byte, radix: 16, uppercase: true)
            }
        }
    }

    /// The name of the schedule that a run may be one of: what stands before the first `@` in its id.
    package static func schedule(of run: String) -> String? { run.firstIndex(of: "@").map { String(run[..<$0]) } }

    /// Whether a byte may stand in an id.
    static func isAllowed(_ byte: UInt8) -> Bool {
        Name.isAllowed(byte) || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "@") || byte == UInt8(ascii: "/")
    }

    /// Whether the text keeps the rule, or is the id of a child whose parent's does.
    package static func isValid(_ text: String) -> Bool {
        guard (1...maximumBytes).contains(text.utf8.count), text.utf8.allSatisfy(isAllowed) else { return false }
        return isChosen(text) || ChildName(text).map { isValid($0.parent) } ?? false
    }

    /// Whether the text may be chosen by a command: it is none of a child.
    package static func isChosen(_ text: String) -> Bool { lastReserved(in: text) == nil }

    /// Where the last two slashes in a row are; nil where there are none. It compares bytes, at a small part of what searching a text costs.
    static func lastReserved(in text: String) -> Range<String.Index>? {
        let bytes = text.utf8
        guard var end = bytes.lastIndex(of: UInt8(ascii: "/")) else { return nil }
        while end > bytes.startIndex {
            let before = bytes.index(before: end)
            if bytes[before] == UInt8(ascii: "/"), bytes[end] == UInt8(ascii: "/") { return before..<bytes.index(after: end) }
            end = before
        }
        return nil
    }
}
