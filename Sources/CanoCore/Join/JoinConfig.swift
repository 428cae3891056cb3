/// How the branches of a split are joined.
public struct JoinConfig: Sendable, Hashable {
    /// When they have done enough.
    public var strategy: JoinStrategy
    /// How long the split may take; waiting for the bulkhead counts. Past it a ``JoinStrategy/partialTimeout`` goes on with
    /// what there is and any other strategy fails. `nil` for as long as it wants.
    public var timeout: Duration?
    /// How many branches run at the same time; `nil` for all of them.
    public var bulkhead: Int?

    /// Creates a configuration; by default every branch must succeed.
    public init(_ strategy: JoinStrategy = .all, timeout: Duration? = nil, bulkhead: Int? = nil) {
        self.strategy = strategy
        self.timeout = timeout
        self.bulkhead = bulkhead
    }
}
