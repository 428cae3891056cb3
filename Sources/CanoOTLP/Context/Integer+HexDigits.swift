extension FixedWidthInteger {
    /// Reads lowercase hexadecimal digits, and nothing else: no sign and no capitals.
    init?(hexDigits text: Substring) {
        let isLowercase = text.utf8.allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
        }
        guard isLowercase, let value = Self(text, radix: 16) else { return nil }
        self = value
    }

    /// That many lowercase hexadecimal digits.
    func hexDigits(_ count: Int) -> String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: Swift.max(0, count - digits.utf8.count)) + digits
    }
}
