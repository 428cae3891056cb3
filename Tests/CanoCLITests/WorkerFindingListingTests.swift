import CanoClient
import Testing

@testable import CanoCLI

@Suite("What a check of a worker has found out", .timeLimit(.minutes(5)))
struct WorkerFindingListingTests {
    @Test(
        "is one line with a mark",
        arguments: [
            (WorkerFinding.Outcome.kept(""), "✓ answers each task once"),
            (.kept("three of them"), "✓ answers each task once: three of them"),
            (.broken(did: "It did not.", remedy: "Do."), "✗ answers each task once: It did not. Do."),
            (.notTried("no work"), "- answers each task once: not tried, no work"),
        ])
    func line(_ outcome: WorkerFinding.Outcome, _ line: String) {
        #expect(WorkerFinding(.answeringOnce, outcome).line == line)
    }
}
