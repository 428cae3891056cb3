/// CRC16 as XMODEM has it, the one of Redis Cluster: the polynomial 0x1021, beginning with 0.
package enum CRC16 {
    /// The checksum of some bytes.
    package static func checksum(_ bytes: some Sequence<UInt8>) -> UInt16 {
        bytes.reduce(0) { sum, byte in
            (0..<8).reduce(sum ^ UInt16(byte) << 8) { sum, _ in sum << 1 ^ (sum & 0x8000 == 0 ? 0 : 0x1021) }
        }
    }
}
