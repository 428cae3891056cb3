import CanoPrimitives

/// The alphabets of the names that appear on the bus.
package enum BusName {
    /// Whether the text is 1 to 100 characters of `A-Za-z0-9._-`: a workflow, a version, a reply name, a bridge id.
    package static func isValid(_ text: String) -> Bool {
        Name.isValid(text)
    }

    /// Whether the text is 1 to 200 characters of `A-Za-z0-9._:@/-`: a run id.
    package static func isValidRunID(_ text: String) -> Bool {
        (1...200).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                Name.isAllowed(byte) || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "@") || byte == UInt8(ascii: "/")
            }
    }
}
