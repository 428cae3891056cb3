/// The place of an entry in a stream: milliseconds and a number within them.
///
/// Ordered as the server orders entries. Its text form, `ms-seq`, is what commands and replies carry.
public struct StreamEntryID: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Milliseconds since 1970, by the server's clock unless a client chose the id.
    public let milliseconds: UInt64

    /// The number among entries of the same millisecond.
    public let sequence: UInt64

    /// `0-0`: before every entry. No entry has it.
    public static let zero = StreamEntryID(milliseconds: 0, sequence: 0)

    /// The greatest id there can be.
    public static let max = StreamEntryID(milliseconds: .max, sequence: .max)

    /// Creates an id from its parts.
    ///
    /// - Parameters:
    ///   - milliseconds: Milliseconds since 1970.
    ///   - sequence: The number within them.
    public init(milliseconds: UInt64, sequence: UInt64) {
        self.milliseconds = milliseconds
        self.sequence = sequence
    }

    /// Reads `ms-seq`, or `ms` for `ms-0`. Nil for anything else.
    ///
    /// - Parameter text: The text form.
    public init?(_ text: some StringProtocol) {
        self.init(bytes: Array(text.utf8))
    }

    /// Reads the text form from a reply's bytes. Nil for anything else.
    ///
    /// - Parameter bytes: The text form in ASCII.
    public init?(bytes: RESPBytes) {
        var numbers: [UInt64] = []
        for part in bytes.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false) {
            var value: UInt64 = 0
            guard !part.isEmpty else { return nil }
            for byte in part {
                guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
                let (product, overflowed) = value.multipliedReportingOverflow(by: 10)
                let (sum, overflowedToo) = product.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
                guard !overflowed, !overflowedToo else { return nil }
                value = sum
            }
            numbers.append(value)
        }
        guard numbers.count == 1 || numbers.count == 2 else { return nil }
        self.init(milliseconds: numbers[0], sequence: numbers.count == 2 ? numbers[1] : 0)
    }

    /// Whether `first` comes before `second` in a stream.
    public static func < (first: StreamEntryID, second: StreamEntryID) -> Bool {
        (first.milliseconds, first.sequence) < (second.milliseconds, second.sequence)
    }

    /// `ms-seq`.
    public var description: String { "\(milliseconds)-\(sequence)" }

    /// The id right after this one, for reading on from it; nil after ``max``.
    public var next: StreamEntryID? {
        if sequence < .max { return StreamEntryID(milliseconds: milliseconds, sequence: sequence + 1) }
        return milliseconds < .max ? StreamEntryID(milliseconds: milliseconds + 1, sequence: 0) : nil
    }

    /// The id right before this one, for reading back from it; nil before ``zero``.
    public var previous: StreamEntryID? {
        if sequence > 0 { return StreamEntryID(milliseconds: milliseconds, sequence: sequence - 1) }
        return milliseconds > 0 ? StreamEntryID(milliseconds: milliseconds - 1, sequence: .max) : nil
    }
}
