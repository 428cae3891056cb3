/// A row of a table of rules: what is to be seen where a rule, or several, hold.
package struct Rule: Sendable, CustomStringConvertible {
    /// The rules it shows that are the original's.
    package let kept: [String]
    /// The rules it shows that are not: docs/decisions/0002-change-these-rules-of-the-original.md has them.
    package let changed: [String]
    /// What happens, in words.
    package let scenario: String
    /// What the scenario is to show.
    package let expected: Facts
    private let observe: @Sendable () async throws -> Facts

    /// Creates a row.
    ///
    /// - Parameters:
    ///   - kept: The ids of the original's rules that it shows, such as `SJ-4`.
    ///   - changed: The ids of rules that it shows as they are here.
    ///   - scenario: What happens, in words.
    ///   - expected: What the scenario is to show.
    ///   - observe: Lets it happen and answers what was seen.
    package init(
        _ kept: [String] = [], changed: [String] = [], _ scenario: String, _ expected: Facts,
        observe: @escaping @Sendable () async throws -> Facts
    ) {
        self.kept = kept
        self.changed = changed
        self.scenario = scenario
        self.expected = expected
        self.observe = observe
    }

    /// All rules it shows.
    package var ids: [String] { kept + changed }

    package var description: String { "\((kept + changed.map { "\($0) changed" }).joined(separator: ", ")): \(scenario)" }

    /// Lets the scenario happen.
    ///
    /// - Returns: A line for each difference between what is expected and what was seen.
    package func differences() async throws -> [String] { try await observe().differences(from: expected) }
}
