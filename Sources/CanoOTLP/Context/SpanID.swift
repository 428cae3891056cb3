/// The id of a span within its trace: 8 bytes, not all of them zero.
struct SpanID: Hashable, Sendable {
    let value: UInt64

    /// Takes a number; `nil` for zero, which is no id.
    init?(_ value: UInt64) {
        guard value != 0 else { return nil }
        self.value = value
    }

    /// Reads 16 lowercase hexadecimal digits.
    init?(hex: Substring) {
        guard hex.utf8.count == 16, let value = UInt64(hexDigits: hex) else { return nil }
        self.init(value)
    }

    /// 16 lowercase hexadecimal digits.
    var hex: String { value.hexDigits(16) }
}
