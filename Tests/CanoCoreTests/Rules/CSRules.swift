import CanoCore
import CanoTesting
import RuleFixture

/// The rules of checkpoint stores.
enum CSRules {
    static let table: [Rule] =
        [
            Rule(
                changed: ["CS-5"], "an append that was made and not answered is made again, and is no conflict",
                ["end": "done", "rows in the third state": [5], "repeated appends": 6]
            ) { try await OwnershipTests().ambiguous() },
            Rule(
                ["CS-6"], "a fresh run over the log that the same run left is refused before its first task, and leaves the log alone",
                [
                    "category": "checkpointStore", "code": "conflict", "message says what to do": true, "states run": ["first", "second"],
                    "log is left alone": true, "end of a resume": "done", "states run with the resume": ["first", "second", "second"],
                ]
            ) { try await OrchestrationTests().leftoverLog() },
            Rule(
                changed: ["CS-7"],
                "of two resumes of one run the loser ends at its next row, though it is the winner's, and undoes nothing",
                [
                    "the winner's outcome": "relinquished(handBack)", "the winner wrote one row": true, "code": "conflict",
                    "rollback": "none", "undone": "none", "the log is the winner's": true,
                ]
            ) { try await OwnershipTests().twoResumes() },
            Rule(
                changed: ["CS-7"], "of two resumes of one run that fails the loser says so, undoes nothing, and the log is the winner's",
                [
                    "code": "conflict", "rollback": "none", "states of causes": ["third"], "undone": "none", "last row": "rollbackStart",
                    "rollback of the next resume": "clean", "undone by the next resume": 2,
                ]
            ) { try await OwnershipTests().twoFailingResumes() },
            Rule(
                ["CS-7"], changed: ["FSM-4"], "outages of the store are waited out, at whichever row, and roll nothing back",
                [
                    "end": "done", "undone": "none", "rollback": "clean",
                    "undone of a failed run": ["q/second/2/compensation 20", "q/first/1/compensation 10"],
                ]
            ) { try await OwnershipTests().outages() },
        ]
        + CheckpointStoreConformance.all.map { check in
            Rule(
                ["CS-1", "CS-2", "CS-3", "CS-4"], "the store in memory keeps logs as every store does (\(check))",
                ["violation": nil]
            ) { try await TestingKitTests().conformance(check) }
        }
}
