/// The alphabets of the names that appear on the bus.
enum BusName {
    /// Whether the text is 1 to 100 characters of `A-Za-z0-9._-`: a workflow, a version, a reply name, a bridge id.
    static func isValid(_ text: String) -> Bool {
        (1...100).contains(text.utf8.count) && text.utf8.allSatisfy(isNameByte)
    }

    /// Whether the text is 1 to 200 characters of `A-Za-z0-9._:@/-`: a run id.
    static func isValidRunID(_ text: String) -> Bool {
        (1...200).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                isNameByte(byte) || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "@") || byte == UInt8(ascii: "/")
            }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default:
            false
        }
    }
}
