extension [UInt8] {
    /// The bytes as they are written in Swift.
    var literal: String {
        guard let text = String(validating: self, as: UTF8.self) else {
            return "[" + map { "0x" + String($0, radix: 16) }.joined(separator: ", ") + "]"
        }
        return "Array(\(text.debugDescription).utf8)"
    }
}
