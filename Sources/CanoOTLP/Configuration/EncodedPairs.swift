/// Reads `name=value,…`, the form of W3C Baggage that OpenTelemetry's variables have: blanks around names and values mean nothing, and
/// both may be percent-encoded.
enum EncodedPairs {
    /// - Returns: The pairs, of two with one name the last; `nil` where the text is none of that form.
    static func read(_ text: String) -> [String: String]? {
        var pairs: [String: String] = [:]
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            // A comma too much, as lists that are put together have it.
            if part.allSatisfy(\.isWhitespace) { continue }
            guard let sign = part.firstIndex(of: "="), let name = decoded(part[..<sign]),
                let value = decoded(part[part.index(after: sign)...]),
                !name.isEmpty
            else { return nil }
            pairs[name] = value
        }
        return pairs
    }

    private static func decoded(_ text: Substring) -> String? {
        var text = text.drop { $0.isWhitespace }
        while text.last?.isWhitespace == true { text.removeLast() }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let decoded = UInt8(String(rest.prefix(2)) ?? "", radix: 16) else { return nil }
            bytes.append(decoded)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
