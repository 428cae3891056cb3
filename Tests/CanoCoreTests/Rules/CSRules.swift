import CanoCore
import RuleFixture

/// The rules of checkpoint stores.
enum CSRules {
    static let table: [Rule] =
        [
            Rule(
                ["CS-1"], "another row with a number that is taken is refused, and the one that is there stays",
                ["code": "conflict", "rows by state": ["first"]]
            ) { try await CheckpointStoreScenarios().takenNumber() },
            Rule(
                ["CS-2"], "rows come by their numbers, those that take another's place too, and an unknown run has none",
                ["numbers": [0, 2, 3], "rows of an unknown run": "none"]
            ) { try await CheckpointStoreScenarios().order() },
            Rule(
                ["CS-3"], "clearing removes the rows of that run and no other, and of an unknown run nothing",
                ["rows of the one": 0, "rows of the other": 1]
            ) { try await CheckpointStoreScenarios().clear() },
            Rule(
                ["CS-4"], "runs that append at the same time keep their logs apart",
                ["logs that are whole": 50]
            ) { try await CheckpointStoreScenarios().manyRuns() },
            Rule(
                changed: ["CS-5"], "an append that was made and not answered is made again, and is no conflict",
                ["end": "done", "numbers in the third state": [1, 3, 4], "repeated appends": 6]
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
                    "the winner's outcome": "relinquished(ownershipLost)", "code": "conflict", "rollback": "none",
                    "states of causes": ["third"], "undone": "none", "last row": "rollbackStart",
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
}
