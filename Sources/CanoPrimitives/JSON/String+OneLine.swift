extension String {
    /// JSON text without line breaks. JSON has them between its tokens only: inside a string they are escaped.
    package var jsonOnOneLine: String {
        String(decoding: utf8.map { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
    }
}
