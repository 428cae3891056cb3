extension String {
    /// The text as it may be shown on a terminal and in a log: what would end a line, move the cursor, or turn the direction of reading is
    /// escaped as JSON escapes it. Names, reasons and errors on a bus were written by others.
    var escapingControlCharacters: String {
        guard unicodeScalars.contains(where: \.isControl) else { return self }
        return unicodeScalars.reduce(into: "") { text, scalar in
            guard scalar.isControl else { return text.unicodeScalars.append(scalar) }
            let digits = String(scalar.value, radix: 16)
            text += "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        }
    }
}

extension Unicode.Scalar {
    fileprivate var isControl: Bool {
        switch value {
        case 0x00...0x1F, 0x7F...0x9F: true  // C0, DEL and C1, which terminals obey
        case 0x2028, 0x2029: true  // line and paragraph separators
        case 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true  // directions: Unicode Technical Report 36, section 2.4
        default: false
        }
    }
}
