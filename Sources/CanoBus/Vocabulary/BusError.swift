/// What the contract does not allow: a name, or what a key of the bus holds.
public struct BusError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of trouble.
    @nonexhaustive
    public enum Code: Sendable, Hashable {
        /// A name can't be used.
        case invalidName
        /// Attributes of a run break a rule.
        case invalidAttributes
        /// A run's record in Redis is damaged.
        case unreadableRun
        /// A schedule in Redis is damaged.
        case unreadableSchedule
        /// An entry is no event, or its data is not what its type says.
        case unreadableEvent
        /// The graph of a workflow in Redis is damaged.
        case unreadableGraph
        /// The shards of a bus say other things than what is asked of them needs.
        case shardsDisagree
    }

    /// The kind of trouble.
    public let code: Code
    /// What is wrong and what to do about it, for a person.
    public let message: String

    /// Creates an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
