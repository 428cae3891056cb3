/// One write an attempt made, waiting for the attempt to succeed.
public struct StagedWrite: Sendable {
    /// The name of the shared store; `nil` for the run's own.
    public let store: String?
    /// The name written to.
    public let key: String
    /// What to do with it.
    public let operation: Operation

    /// Creates a write.
    public init(store: String? = nil, key: String, operation: Operation) {
        self.store = store
        self.key = key
        self.operation = operation
    }

    /// What a write does. Increments and appends apply to the value found when the step commits.
    public enum Operation: Sendable {
        /// Sets the value.
        case put(any Codable & Sendable)
        /// Removes the value.
        case remove
        /// Adds to the number.
        case increment(Int)
        /// Sets the value unless there is one.
        case putIfAbsent(any Codable & Sendable)
        /// Adds the element to the list.
        case append(any Codable & Sendable)
    }
}
