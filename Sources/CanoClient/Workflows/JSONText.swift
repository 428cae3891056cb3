/// JSON as text: the input or output of a workflow whose types this program does not have.
public struct JSONText: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The text. What is sent is checked by the bridge that takes the command.
    public let text: String

    /// JSON as a program wrote it.
    public init(_ text: String) { self.text = text }

    /// JSON as it stands in the source.
    public init(stringLiteral text: String) { self.init(text) }

    /// The text.
    public var description: String { text }
}
