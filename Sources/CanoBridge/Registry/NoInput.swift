/// The input of a workflow that takes none: whatever JSON a command sends decodes as it.
public struct NoInput: Codable, Sendable, Hashable {
    /// Creates it.
    public init() {}

    /// Accepts any value.
    public init(from decoder: any Decoder) throws {}

    /// Writes `null`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encodeNil()
    }
}
