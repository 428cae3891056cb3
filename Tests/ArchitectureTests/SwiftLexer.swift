/// Splits Swift sources into tokens, without comments and, unless they are asked for, without string literals.
struct SwiftLexer {
    private let bytes: [UInt8]
    private var position = 0
    private let keepsStrings: Bool
    private var found: [String] = []

    init(_ text: String, keepingStrings: Bool = false) {
        bytes = Array(text.utf8)
        keepsStrings = keepingStrings
    }

    /// The tokens: identifiers and keywords whole, everything else character by character. A string literal that is kept is
    /// its text in quotation marks.
    mutating func tokens() -> [String] {
        readCode(isInterpolation: false)
        return found
    }

    private func byte(_ offset: Int = 0) -> UInt8 {
        position + offset < bytes.count ? bytes[position + offset] : 0
    }

    private func isNext(_ character: Character, _ offset: Int = 0) -> Bool { byte(offset) == character.asciiValue }

    /// Reads up to the end, or to the parenthesis that closes an interpolation.
    private mutating func readCode(isInterpolation: Bool) {
        var parentheses = 0
        while position < bytes.count {
            let first = byte()
            if isNext("/"), isNext("/", 1) {
                while position < bytes.count, !isNext("\n") { position += 1 }
            } else if isNext("/"), isNext("*", 1) {
                skipBlockComment()
            } else if isNext("\"") || (isNext("#") && opensRawString) {
                readString()
            } else if Self.isWordStart(first) {
                let start = position
                while Self.isWordStart(byte()) || Self.isDigit(byte()) { position += 1 }
                found.append(String(decoding: bytes[start..<position], as: UTF8.self))
            } else if Self.isDigit(first) {
                while Self.isWordStart(byte()) || Self.isDigit(byte()) { position += 1 }
            } else {
                if isNext("(") { parentheses += 1 }
                if isNext(")") {
                    if isInterpolation, parentheses == 0 {
                        position += 1
                        return
                    }
                    parentheses -= 1
                }
                if first > 0x20 { found.append(String(UnicodeScalar(first))) }
                position += 1
            }
        }
    }

    private var opensRawString: Bool {
        var offset = 0
        while isNext("#", offset) { offset += 1 }
        return isNext("\"", offset)
    }

    private mutating func skipBlockComment() {
        var depth = 0
        repeat {
            if isNext("/"), isNext("*", 1) {
                depth += 1
                position += 2
            } else if isNext("*"), isNext("/", 1) {
                depth -= 1
                position += 2
            } else {
                position += 1
            }
        } while depth > 0 && position < bytes.count
    }

    private mutating func readString() {
        var pounds = 0
        while isNext("#") {
            pounds += 1
            position += 1
        }
        let quotes = isNext("\"", 1) && isNext("\"", 2) ? 3 : 1
        position += quotes
        let start = position
        while position < bytes.count {
            if isNext("\\"), isFollowed(by: "#", pounds, at: 1) {
                position += 1 + pounds
                if isNext("(") {
                    position += 1
                    readCode(isInterpolation: true)
                } else {
                    position += 1
                }
            } else if isFollowed(by: "\"", quotes, at: 0), isFollowed(by: "#", pounds, at: quotes) {
                if keepsStrings { found.append("\"" + String(decoding: bytes[start..<position], as: UTF8.self) + "\"") }
                position += quotes + pounds
                return
            } else {
                position += 1
            }
        }
    }

    private func isFollowed(by character: Character, _ count: Int, at offset: Int) -> Bool {
        (0..<count).allSatisfy { isNext(character, offset + $0) }
    }

    private static func isWordStart(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F || byte > 0x7F
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
