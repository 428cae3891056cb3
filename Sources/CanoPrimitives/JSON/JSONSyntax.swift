/// Checks that a text is one JSON value, exactly as RFC 8259 has it, that every reader can take.
///
/// Foundation's decoder looks only at the parts it decodes and is generous with the rest. An input goes as it is into
/// events that every language reads, so it must be JSON to all of them: RFC 8259 lets readers limit depth and the range of numbers, and
/// I-JSON (RFC 7493, sections 2.1 and 2.2) allows neither half a surrogate pair nor numbers beyond a double. Pure: one pass, without recursion,
/// that takes down where each value stands.
package struct JSONSyntax: Sendable {
    /// How deep arrays and objects may be nested. The strictest readers in use take 128 levels, and an event puts some around an input.
    package static let maximumDepth = 100

    /// The first place where a text is not JSON.
    package struct Problem: Error, Sendable, Hashable {
        /// How many bytes come before it.
        package let offset: Int
        /// What is wrong there.
        package let message: String
    }

    /// Checks a text.
    package static func check(_ text: String) throws(Problem) { _ = try nodes(of: Array(text.utf8)) }

    /// The values of a text in their order.
    static func nodes(of bytes: [UInt8]) throws(Problem) -> [JSONDocument.Node] {
        var syntax = JSONSyntax(bytes: bytes)
        try syntax.checkText()
        return syntax.nodes
    }

    private let bytes: [UInt8]
    private var index = 0
    private var nodes: [JSONDocument.Node] = []
    /// The arrays and objects that have begun, by their nodes.
    private var containers: [Int] = []

    private init(bytes: [UInt8]) {
        self.bytes = bytes
        // About what small objects have: growing step by step costs a copy each time.
        nodes.reserveCapacity(8 + bytes.count / 16)
    }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    private func problem(_ message: String) -> Problem { Problem(offset: index, message: message) }

    private mutating func add(_ kind: JSONDocument.Kind, from start: Int, to end: Int) {
        nodes.append(JSONDocument.Node(kind: kind, start: start, end: end, next: nodes.count + 1))
    }

    private mutating func checkText() throws(Problem) {
        repeat {
            try value()
            try afterValue()
        } while !containers.isEmpty
        if next != nil { throw problem("there is something behind the value") }
    }

    /// A scalar, or the begin of an array or object up to its first value.
    private mutating func value() throws(Problem) {
        while true {
            skipSpace()
            switch next {
            case UInt8(ascii: "{"):
                try open(.object)
                if skip(UInt8(ascii: "}")) { return close() }
                try memberName()
            case UInt8(ascii: "["):
                try open(.list)
                if skip(UInt8(ascii: "]")) { return close() }
                countElement()
            case UInt8(ascii: "\""): return try string()
            case UInt8(ascii: "t"): return try word("true", .yes)
            case UInt8(ascii: "f"): return try word("false", .no)
            case UInt8(ascii: "n"): return try word("null", .null)
            case nil: throw problem("a value is missing at the end")
            case let byte? where byte == UInt8(ascii: "-") || Self.isDigit(byte): return try number()
            default: throw problem("a value was expected")
            }
        }
    }

    /// The ends of the containers that end here, and the comma before the next value.
    private mutating func afterValue() throws(Problem) {
        while let container = containers.last {
            skipSpace()
            if nodes[container].kind == .list {
                if skip(UInt8(ascii: ",")) { return countElement() }
                guard skip(UInt8(ascii: "]")) else { throw problem("a comma or ] was expected") }
            } else {
                if skip(UInt8(ascii: ",")) { return try memberName() }
                guard skip(UInt8(ascii: "}")) else { throw problem("a comma or } was expected") }
            }
            close()
        }
        skipSpace()
    }

    private mutating func open(_ kind: JSONDocument.Kind) throws(Problem) {
        guard containers.count < Self.maximumDepth else { throw problem("more than \(Self.maximumDepth) levels are nested") }
        containers.append(nodes.count)
        add(kind, from: index, to: index)
        index += 1
        skipSpace()
    }

    private mutating func close() {
        let container = containers.removeLast()
        nodes[container].end = index
        nodes[container].next = nodes.count
    }

    private mutating func countElement() {
        if let container = containers.last { nodes[container].count += 1 }
    }

    private mutating func memberName() throws(Problem) {
        skipSpace()
        guard next == UInt8(ascii: "\"") else { throw problem("the name of a member was expected") }
        countElement()
        try string()
        skipSpace()
        guard skip(UInt8(ascii: ":")) else { throw problem("a colon was expected") }
    }

    private mutating func string() throws(Problem) {
        index += 1
        let start = index
        var kind = JSONDocument.Kind.text
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                add(kind, from: start, to: index)
                index += 1
                return
            case UInt8(ascii: "\\"):
                kind = .escapedText
                index += 1
                try escape()
            case 0..<0x20: throw problem("a control character must be escaped")
            default: index += 1
            }
        }
        throw problem("a string does not end")
    }

    private mutating func escape() throws(Problem) {
        switch next {
        case UInt8(ascii: "u"):
            index += 1
            let unit = try fourDigits()
            guard Self.surrogates.contains(unit) else { return }
            // A character beyond the first 65,536 is written as two of them, the high one first.
            let isHigh = unit < Self.lowSurrogates.lowerBound
            guard isHigh, skip(UInt8(ascii: "\\")), skip(UInt8(ascii: "u")), Self.lowSurrogates.contains(try fourDigits()) else {
                throw problem("half a surrogate pair is no character")
            }
        case let byte? where "\"\\/bfnrt".utf8.contains(byte): index += 1
        default: throw problem("no character is escaped like this")
        }
    }

    private static let surrogates: ClosedRange<UInt32> = 0xD800...0xDFFF
    private static let lowSurrogates: ClosedRange<UInt32> = 0xDC00...0xDFFF

    private mutating func fourDigits() throws(Problem) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = next, let number = Character(Unicode.Scalar(digit)).hexDigitValue else {
                throw problem("four hexadecimal digits were expected")
            }
            value = value * 16 + UInt32(number)
            index += 1
        }
        return value
    }

    private mutating func number() throws(Problem) {
        let start = index
        let isNegative = skip(UInt8(ascii: "-"))
        let first = index
        if !skip(UInt8(ascii: "0")) { try digits() }
        // What is below zero and has no digit but 0 keeps its sign: it is no whole number.
        var isWhole = index - first <= 18 && !(isNegative && bytes[first] == UInt8(ascii: "0"))
        if skip(UInt8(ascii: ".")) {
            isWhole = false
            try digits()
        }
        if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
            isWhole = false
            if !skip(UInt8(ascii: "+")) { _ = skip(UInt8(ascii: "-")) }
            try digits()
        }
        add(isWhole ? .integer : .number, from: start, to: index)
        // Shorter ones without an exponent are all in range.
        guard bytes[start..<index].contains(where: { $0 | 0x20 == UInt8(ascii: "e") }) || index - start > 300 else { return }
        if Double(String(decoding: bytes[start..<index], as: UTF8.self))?.isFinite != true {
            index = start
            throw problem("a number is larger than a double can be")
        }
    }

    private mutating func digits() throws(Problem) {
        let start = index
        while index < bytes.count, Self.isDigit(bytes[index]) { index += 1 }
        if index == start { throw problem("a digit was expected") }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    private mutating func word(_ word: StaticString, _ kind: JSONDocument.Kind) throws(Problem) {
        let start = index
        for offset in 0..<word.utf8CodeUnitCount {
            guard skip(word.utf8Start[offset]) else { throw problem("a value was expected") }
        }
        add(kind, from: start, to: index)
    }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard index < bytes.count, bytes[index] == byte else { return false }
        index += 1
        return true
    }

    private mutating func skipSpace() {
        while index < bytes.count, bytes[index] == 0x20 || bytes[index] == 0x09 || bytes[index] == 0x0A || bytes[index] == 0x0D {
            index += 1
        }
    }
}
