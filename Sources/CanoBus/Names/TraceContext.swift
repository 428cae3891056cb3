/// The W3C trace context a command carries; empty where it has none or a malformed one.
package struct TraceContext: Sendable, Hashable {
    /// The `traceparent`, or nothing.
    package let parent: String
    /// The `tracestate`, or nothing; it means nothing without a parent.
    package let state: String

    /// The longest of either.
    package static let maximumBytes = 512
    /// What every well-formed `traceparent` looks like, without anchors.
    package static let parentPattern = "[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?"

    /// Keeps what is well formed (W3C Trace Context, §3.2) and ignores the rest, as that document asks.
    package init(parent: String? = nil, state: String? = nil) {
        guard let parent, Self.isWellFormed(parent) else {
            self.parent = ""
            self.state = ""
            return
        }
        self.parent = parent
        self.state = state.map { $0.utf8.count <= Self.maximumBytes ? $0 : "" } ?? ""
    }

    private static func isWellFormed(_ parent: String) -> Bool {
        let parts = parent.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.count >= 4, parts[0].count == 2, parts[1].count == 32, parts[2].count == 16, parts[3].count == 2 else {
            return false
        }
        let isVersionZero = parts[0].elementsEqual("00".utf8)
        let isForbiddenVersion = parts[0].elementsEqual("ff".utf8)
        return parts.prefix(4).allSatisfy { $0.allSatisfy(isLowercaseHexDigit) }
            && !isForbiddenVersion && (!isVersionZero || parts.count == 4) && parent.utf8.count <= maximumBytes
            && parts[1].contains { $0 != UInt8(ascii: "0") } && parts[2].contains { $0 != UInt8(ascii: "0") }
    }

    private static func isLowercaseHexDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
