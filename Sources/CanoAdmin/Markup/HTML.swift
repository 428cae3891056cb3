/// Markup. What is interpolated into a literal is text and becomes harmless; only other markup goes in as it is.
///
/// ```swift
/// let row: HTML = "<td title=\"\(run.id)\">\(run.id)</td>"
/// ```
/// Values of attributes stand in double quotes, as in the example: then no text can leave its place.
struct HTML: Sendable, Hashable, ExpressibleByStringInterpolation {
    let text: String

    init(stringLiteral markup: String) {
        text = markup
    }

    init(stringInterpolation interpolation: Interpolation) {
        text = interpolation.text
    }

    /// Puts a literal together. A text that is not there is empty.
    struct Interpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + 16 * interpolationCount)
        }

        mutating func appendLiteral(_ markup: String) { text += markup }

        mutating func appendInterpolation(_ value: String?) {
            if let value { text += value.escapedForHTML }
        }

        mutating func appendInterpolation(_ value: Substring) { text += String(value).escapedForHTML }

        mutating func appendInterpolation(_ number: some BinaryInteger) { text += String(number) }

        mutating func appendInterpolation(_ markup: HTML?) {
            if let markup { text += markup.text }
        }

        mutating func appendInterpolation(_ markups: [HTML]) {
            for markup in markups { text += markup.text }
        }
    }
}

extension String {
    /// The text with each character that means something to HTML as a reference. It looks at bytes: a character that is made of a quotation mark
    /// and an accent upon it ends an attribute like one without.
    fileprivate var escapedForHTML: String {
        guard utf8.contains(where: { Self.reference(of: $0) != nil }) else { return self }
        var escaped: [UInt8] = []
        escaped.reserveCapacity(utf8.count + 16)
        for byte in utf8 {
            if let reference = Self.reference(of: byte) { escaped.append(contentsOf: reference.utf8) } else { escaped.append(byte) }
        }
        return String(decoding: escaped, as: UTF8.self)
    }

    private static func reference(of byte: UInt8) -> String? {
        switch byte {
        case UInt8(ascii: "&"): "&amp;"
        case UInt8(ascii: "<"): "&lt;"
        case UInt8(ascii: ">"): "&gt;"
        case UInt8(ascii: "\""): "&quot;"
        case UInt8(ascii: "'"): "&#39;"
        default: nil
        }
    }
}
