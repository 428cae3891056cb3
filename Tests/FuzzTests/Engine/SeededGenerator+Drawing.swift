import CanoTesting

/// What fuzzers draw.
extension SeededGenerator {
    /// A number below that; 0 where there is none.
    mutating func below(_ end: Int) -> Int { end > 0 ? Int.random(in: 0..<end, using: &self) : 0 }

    /// True once in so many times.
    mutating func once(in times: Int) -> Bool { below(times) == 0 }

    /// One of several, which must not be empty.
    mutating func one<Element>(of elements: [Element]) -> Element { elements[below(elements.count)] }

    /// A range of indices, which may be empty.
    mutating func range(in count: Int) -> Range<Int> {
        let start = below(count + 1)
        return start..<(start + below(min(count - start, 64) + 1))
    }

    /// A number as programs get wrong: small, at the edge of a type, or anything.
    mutating func integer() -> Int64 {
        switch below(4) {
        case 0: Int64(below(10))
        case 1: one(of: [.min, .max, -1, 1 << 31, 1 << 32, 1 << 53, 253_402_300_799_999, 4_133_980_800_000])
        case 2: Int64.random(in: 0...4_133_980_800_000, using: &self)
        default: Int64.random(in: .min ... .max, using: &self)
        }
    }

    /// A text of up to so many characters, of all kinds that are written in different ways.
    mutating func text(upTo count: Int) -> String {
        var text = ""
        for _ in 0..<below(count + 1) {
            switch below(6) {
            case 0:
                text.unicodeScalars.append(one(of: ["\"", "\\", "/", "\n", "\u{0}", "\u{1}", "\u{1F}", "\u{7F}", "\u{2028}", "\u{FEFF}"]))
            case 1:
                text.unicodeScalars.append(
                    one(of: ["é", "e\u{301}", "😀", "𐍈", "\u{FFFD}", "\u{FFFF}", "\u{10FFFF}"].flatMap(\.unicodeScalars)))
            default: text.unicodeScalars.append(Unicode.Scalar(UInt8(0x20 + below(0x5F))))
            }
        }
        return text
    }
}
