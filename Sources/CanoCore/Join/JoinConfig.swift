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

/// When the branches of a split have done enough.
///
/// A join decides as soon as its outcome is certain, either way, and stops the branches it no longer needs.
public enum JoinStrategy: Sendable, Hashable {
    /// Every branch must succeed.
    case all
    /// One branch must succeed.
    case any
    /// That many must succeed.
    case quorum(Int)
    /// That share of the branches (above 0, at most 1) must succeed, rounded up.
    case percentage(Double)
    /// That many must succeed; 0 goes on with the first branch that ends, however it ends.
    case partialResults(Int)
    /// Goes on when the join's timeout comes with whatever has succeeded by then, which must be one at least.
    case partialTimeout

    /// How many of `total` branches must succeed.
    func needed(of total: Int) -> Int {
        switch self {
        case .all: return total
        case .any, .partialTimeout: return 1
        case .quorum(let count), .partialResults(let count): return max(count, 0)
        case .percentage(let share):
            // A share such as 0.07 is no binary fraction: what is a hair above a whole number is that number.
            let exact = (Double(total) * share * (1 - 1e-12)).rounded(.up)
            return exact.isFinite && exact < Double(Int.max) ? max(Int(exact), 0) : .max
        }
    }
}
