/// What a shared store may be called.
package enum StoreName {
    /// - Throws: ``CanoError/Category/configuration`` when the name is not 1 to 100 characters of `A-Za-z0-9._-`.
    package static func check(_ name: String) throws(CanoError) {
        guard (1...100).contains(name.utf8.count), name.utf8.allSatisfy(isAllowed) else {
            throw CanoError(
                .configuration, "no store can be called \"\(name.prefix(200))\": choose 1 to 100 characters of A-Z a-z 0-9 . _ -",
                isRetryable: false)
        }
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default:
            false
        }
    }
}
