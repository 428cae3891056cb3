/// A test expected something else. Thrown rather than recorded, so that it works with every test framework.
public struct UnmetExpectation: Error, CustomStringConvertible, Sendable {
    /// What was expected and what was found.
    public let description: String

    /// Creates the error.
    public init(_ description: String) { self.description = description }
}
