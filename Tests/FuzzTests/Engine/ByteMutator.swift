import CanoTesting

/// Makes bytes that are nearly like examples: what a reader takes for granted is wrong in most of them, and the rest is right.
struct ByteMutator: Sendable {
    /// Valid inputs, and such as were found to be read wrongly.
    let examples: [[UInt8]]
    /// What the language that they are in is made of.
    let tokens: [[UInt8]]

    init(examples: [String], tokens: [String]) {
        self.examples = examples.map { Array($0.utf8) }
        self.tokens = (tokens + Self.numbers).map { Array($0.utf8) }
    }

    /// At the edges of what types hold.
    private static let numbers = [
        "0", "-0", "-1", "00", "1e309", "1e-400", "0.1", "2147483648", "9007199254740993", "9223372036854775807", "9223372036854775808",
        "-9223372036854775809", "18446744073709551616", "253402300799999", "253402300800000",
    ]

    /// An example, changed in a few places; now and then as it is.
    func input(_ random: inout SeededGenerator) -> [UInt8] {
        var bytes = random.one(of: examples)
        for _ in 0..<random.below(6) { change(&bytes, &random) }
        return bytes
    }

    /// Changes one place.
    func change(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        let range = random.range(in: bytes.count)
        switch random.below(9) {
        case 0 where !bytes.isEmpty: bytes[random.below(bytes.count)] ^= 1 << UInt8(random.below(8))
        case 1 where !bytes.isEmpty: bytes[random.below(bytes.count)] = UInt8(random.below(256))
        case 2: bytes.removeSubrange(range)
        case 3: bytes.insert(contentsOf: bytes[range], at: random.below(bytes.count + 1))
        case 4: bytes.insert(contentsOf: random.one(of: tokens), at: range.lowerBound)
        case 5: bytes.replaceSubrange(range, with: random.one(of: tokens))
        case 6: splice(&bytes, with: random.one(of: examples), &random)
        case 7: bytes.removeSubrange(range.lowerBound...)
        // Depth and length are what readers run out of.
        default: repeatPart(&bytes, range.prefix(4), times: random.one(of: [2, 8, 100, 1_100]))
        }
    }

    /// The begin of one and the end of another.
    private func splice(_ bytes: inout [UInt8], with other: [UInt8], _ random: inout SeededGenerator) {
        bytes.removeSubrange(random.below(bytes.count + 1)...)
        bytes += other[random.below(other.count + 1)...]
    }

    private func repeatPart(_ bytes: inout [UInt8], _ part: Range<Int>, times: Int) {
        bytes.insert(contentsOf: Array(repeating: bytes[part], count: times).joined(), at: part.lowerBound)
    }
}
