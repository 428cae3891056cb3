/// The id that all spans of a trace have: 16 bytes, not all of them zero.
struct TraceID: Hashable, Sendable {
    let high: UInt64
    let low: UInt64

    /// Takes a number; `nil` for zero, which is no id.
    init?(high: UInt64, low: UInt64) {
        guard high != 0 || low != 0 else { return nil }
        self.high = high
        self.low = low
    }

    /// Reads 32 lowercase hexadecimal digits.
    init?(hex: Substring) {
        guard hex.utf8.count == 32, let high = UInt64(hexDigits: hex.prefix(16)), let low = UInt64(hexDigits: hex.suffix(16)) else {
            return nil
        }
        self.init(high: high, low: low)
    }

    /// 32 lowercase hexadecimal digits.
    var hex: String { high.hexDigits(16) + low.hexDigits(16) }
}
