/// What workflows, versions, bridges, reply streams and shared stores may be called.
package enum Name {
    /// The rule, for messages.
    package static let rule = "1 to 100 characters of A-Z a-z 0-9 . _ -"

    /// The rule as a regular expression, without anchors.
    package static let pattern = "[A-Za-z0-9._-]{1,100}"

    /// Whether the text keeps the rule.
    package static func isValid(_ text: String) -> Bool {
        (1...100).contains(text.utf8.count) && text.utf8.allSatisfy(isAllowed)
    }

    /// Whether a byte may stand in a name.
    package static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default:
            false
        }
    }
}
