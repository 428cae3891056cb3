/// What the branches of a split came to.
public struct SplitResult<Output: Sendable>: Sendable {
    /// What one branch came to.
    public struct Success: Sendable {
        /// The branch's place among the branches, from 0.
        public let index: Int
        /// What it returned.
        public let output: Output

        /// Creates a success.
        public init(index: Int, output: Output) {
            self.index = index
            self.output = output
        }
    }

    /// Why one branch has no output.
    public struct Failure: Sendable {
        /// The branch's place among the branches, from 0.
        public let index: Int
        /// Its error.
        public let error: CanoError

        /// Creates a failure.
        public init(index: Int, error: CanoError) {
            self.index = index
            self.error = error
        }
    }

    /// The branches that succeeded, by index.
    public let successes: [Success]
    /// The branches that failed, by index.
    public let failures: [Failure]
    /// The indices of the branches that were stopped or never begun, because the outcome was certain or the time over.
    public let cancelled: [Int]

    /// Creates a result.
    public init(successes: [Success], failures: [Failure] = [], cancelled: [Int] = []) {
        self.successes = successes
        self.failures = failures
        self.cancelled = cancelled
    }

    /// The outputs of the branches that succeeded, by index.
    public var outputs: [Output] { successes.map(\.output) }

    /// How many branches ended on their own.
    public var completedCount: Int { successes.count + failures.count }

    /// How many branches there were.
    public var totalCount: Int { completedCount + cancelled.count }
}
