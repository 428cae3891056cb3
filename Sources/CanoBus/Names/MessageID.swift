/// What a message may be called, so that it counts once however often it is sent.
package enum MessageID {
    /// The rule, for messages.
    package static let rule = "1 to 200 characters of A-Z a-z 0-9 . _ : @ / -"

    /// The rule as a regular expression, without anchors.
    package static let pattern = "[A-Za-z0-9._:@/-]{1,200}"

    /// Whether the text keeps the rule.
    package static func isValid(_ text: String) -> Bool {
        (1...200).contains(text.utf8.count) && text.utf8.allSatisfy(RunName.isAllowed)
    }
}
