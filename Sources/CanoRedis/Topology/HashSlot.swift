import CanoPrimitives

/// One of the 16,384 parts that the keys of a Redis Cluster are in.
struct HashSlot: Sendable, Hashable {
    let number: Int

    private static let count = 16_384

    /// Nil for a number that no slot has.
    init?(_ number: Int) {
        guard (0..<Self.count).contains(number) else { return nil }
        self.number = number
    }

    /// The slot of a key: that of its hash tag, which is what stands between its first brace and the next one that closes it. A key without one,
    /// or with nothing in it, counts whole.
    init(ofKey key: String) {
        let bytes = Array(key.utf8)
        var counted = bytes[...]
        if let open = bytes.firstIndex(of: UInt8(ascii: "{")),
            let close = bytes[(open + 1)...].firstIndex(of: UInt8(ascii: "}")), close > open + 1
        {
            counted = bytes[(open + 1)..<close]
        }
        number = Int(CRC16.checksum(counted)) % Self.count
    }
}
