public import CanoBus
import CanoRedis

/// Which dead letters are meant: those that all of its parts fit.
public struct DeadLetterFilter: Sendable, Hashable {
    /// Why the command could not be carried out; nil for whatever reason.
    public var code: String?
    /// The workflow that the command is for; nil for any.
    public var workflow: String?
    /// Attributes that the command has, each with a text that `RunAttribute.matches(_:)`.
    public var attributes: [String: String]
    /// When it became a letter.
    public var period: RunFilter.Period

    /// Creates a filter; by default all letters are meant.
    public init(
        code: String? = nil, workflow: String? = nil, attributes: [String: String] = [:], period: RunFilter.Period = RunFilter.Period()
    ) {
        self.code = code
        self.workflow = workflow
        self.attributes = attributes
        self.period = period
    }

    /// Whether a letter is meant.
    ///
    /// - Parameters:
    ///   - letter: The letter.
    ///   - id: What names it.
    /// - Returns: Whether it is. A command whose attributes can't be read has none.
    public func matches(_ letter: DeadLetter, _ id: DeadLetterID) -> Bool {
        (code == nil || letter.code == code) && (workflow == nil || letter.workflow == workflow)
            && period.contains(Int64(clamping: id.entry.milliseconds))
            && attributes.allSatisfy { name, text in letter.attributes[name]?.matches(text) == true }
    }
}
