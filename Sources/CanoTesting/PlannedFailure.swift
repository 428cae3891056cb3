public import CanoCore

/// The error of an attempt that a test planned to fail.
public struct PlannedFailure: CodedError, Hashable {
    /// The attempt, counted from 1.
    public let attempt: Int

    /// `planned_failure`.
    public var code: String { "planned_failure" }

    /// Creates the error.
    public init(attempt: Int) { self.attempt = attempt }
}
