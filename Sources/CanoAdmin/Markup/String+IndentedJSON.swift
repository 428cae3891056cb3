extension StringProtocol {
    /// JSON with a line for each value, as people read it. Only blanks between its tokens change: large numbers stay what they are. Text that is
    /// no JSON comes out readable all the same.
    var indentedJSON: String {
        var (result, depth, isInString, isEscaped) = ([UInt8](), 0, false, false)
        result.reserveCapacity(utf8.count * 2)
        func newline() {
            result.append(UInt8(ascii: "\n"))
            result.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * Swift.min(depth, 50)))
        }
        for byte in utf8 {
            if isInString {
                result.append(byte)
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""):
                isInString = true
                result.append(byte)
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                result.append(byte)
                newline()
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth = Swift.max(0, depth - 1)
                if result.isOpenBracketLast { result.removeBlanksAtEnd() } else { newline() }
                result.append(byte)
            case UInt8(ascii: ","):
                result.append(byte)
                newline()
            case UInt8(ascii: ":"):
                result.append(contentsOf: ": ".utf8)
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                continue
            default:
                result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

extension [UInt8] {
    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") }

    fileprivate var isOpenBracketLast: Bool {
        last { !Self.isBlank($0) }.map { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "[") } ?? false
    }

    fileprivate mutating func removeBlanksAtEnd() {
        while let byte = last, Self.isBlank(byte) { removeLast() }
    }
}
