import CanoPrimitives

/// What runs may be called.
package enum RunName {
    /// The rule, for messages.
    package static let rule = "1 to 200 characters of A-Z a-z 0-9 . _ : @ / -"

    /// The rule as a regular expression, without anchors.
    package static let pattern = "[A-Za-z0-9._:@/-]{1,200}"

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

    /// Whether the text keeps the rule.
    package static func isValid(_ text: String) -> Bool {
        (1...200).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                Name.isAllowed(byte) || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "@") || byte == UInt8(ascii: "/")
            }
    }
}
