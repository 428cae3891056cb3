import CanoCore
import RuleFixture

/// The rules of rollbacks.
enum DRRules {
    private static let both = ["r/second/2/compensation 20", "r/first/1/compensation 10"]

    static let table: [Rule] = [
        Rule(
            ["DR-1"], "with nothing to undo the error is as it was, and the log is kept",
            ["code": "mishap", "rollback": "none", "is resumable": true, "kinds": ["stateEntry"]]
        ) { try await RollbackTests().emptyStack() },
        Rule(
            ["DR-2", "DR-5"], "a failed run is undone, the latest step first, and its log is removed (with a log)",
            ["journal": true, "code": "mishap", "state": "third", "rollback": "clean", "is resumable": false, "log": "none"]
        ) { try await RollbackTests().clean(isLogged: true) },
        Rule(
            ["DR-2", "DR-5"], "a failed run is undone, the latest step first, and its log is removed (without one)",
            ["journal": true, "code": "mishap", "state": "third", "rollback": "clean", "is resumable": false, "log": "none"]
        ) { try await RollbackTests().clean(isLogged: false) },
        Rule(
            ["DR-2"], "an unregistered state ends a run like any failure, and undoes it",
            ["category": "workflow", "undone": ["r/first/1/compensation 10"]]
        ) { try await RollbackTests().missingState() },
        Rule(
            changed: ["DR-2"], "a compensation is repeated as its own configuration says",
            [
                "rollback": "clean", "undone": both, "time": 2_000_000_000,
                "taskRetried events": ["taskRetried second book-second 1", "taskRetried second book-second 2"],
            ]
        ) { try await RollbackTests().retried() },
        Rule(
            ["DR-2"], "an attempt's timeout of the compensation bounds each of its calls",
            [
                "category": "compensationFailed", "causes by category": ["taskExecution", "timeout"],
                "undone": ["r/first/1/compensation 10"],
            ]
        ) { try await RollbackTests().compensationAttemptTimeout() },
        Rule(
            ["DR-2"], "a step that no task can undo is an orphan with its output, and the others are undone",
            [
                "causes": ["taskExecution", "orphanedCompensation"],
                "orphan": OrphanedOutput(task: "book-second", state: "second", visit: 2, output: Array("20".utf8)),
                "undone": ["r/first/1/compensation 10"],
            ]
        ) { try await RollbackTests().orphan() },
        Rule(
            ["DR-2"], "a stored output that is no longer one of the task fails its compensation and no other",
            ["last cause speaks of stored bytes": true, "undone": ["r/first/1/compensation 10"]]
        ) { try await RollbackTests().undecodable() },
        Rule(
            ["DR-3"], "a run with a timeout has half of it, 30 seconds at most, to be undone (20 seconds)",
            ["causes": ["taskExecution", "timeout", "orphanedCompensation", "timeout"]]
        ) { await RollbackTests().budget(timeout: 20, budget: 10) },
        Rule(
            ["DR-3"], "a run with a timeout has half of it, 30 seconds at most, to be undone (ten minutes)",
            ["causes": ["taskExecution", "timeout", "orphanedCompensation", "timeout"]]
        ) { await RollbackTests().budget(timeout: 600, budget: 30) },
        Rule(
            changed: ["DR-3"], "a compensation timeout counts with and without one of the run (without)",
            ["causes": ["taskExecution", "timeout", "orphanedCompensation", "timeout"]]
        ) { await RollbackTests().ownBudget(timeout: nil) },
        Rule(
            changed: ["DR-3"], "a compensation timeout counts with and without one of the run (with)",
            ["causes": ["taskExecution", "timeout", "orphanedCompensation", "timeout"]]
        ) { await RollbackTests().ownBudget(timeout: .seconds(100)) },
        Rule(
            ["DR-4"], "steps that are left when the time is over are orphans with their outputs, and one error says so",
            [
                "orphan": OrphanedOutput(task: "book-first", state: "first", visit: 1, output: Array("10".utf8)),
                "last cause says how many are left": true, "rollback": "partial", "undone": "none",
            ]
        ) { await RollbackTests().outOfTime() },
        Rule(
            ["DR-5"], "what went wrong undoing is listed after the failure; the rest is undone, and the log is kept",
            [
                "category": "compensationFailed", "causes by code": ["mishap", "no_refund"], "task of the last cause": "book-second",
                "rollback": "partial", "undone": ["r/first/1/compensation 10"], "last rows": ["rollbackStart", "compensated"],
            ]
        ) { try await RollbackTests().partial() },
        Rule(
            ["DR-5"], "what a run inside a compensation could not undo stands in the list itself",
            [
                "category": "compensationFailed", "causes by code": ["mishap", "mishap", "inner_no_refund", "no_refund"],
                "no cause is a list itself": true,
            ]
        ) { try await RollbackTests().nested() },
        Rule(
            ["DR-6"], "a cancellation cuts no compensation short (by its control)",
            ["code": "mishap", "rollback": "clean", "undone": both]
        ) { try await RollbackTests().cancelledRollback(byControl: true) },
        Rule(
            ["DR-6"], "a cancellation cuts no compensation short (by its task)",
            ["code": "mishap", "rollback": "clean", "undone": both]
        ) { try await RollbackTests().cancelledRollback(byControl: false) },
        Rule(
            ["DR-6", "CT-6"], "a cancelled run is undone out of reach of its cancellation",
            ["category": "cancelled", "rollback": "clean", "undone": both]
        ) { try await RollbackTests().cancelledRun() },
        Rule(
            ["DR-7"], "compensations and rollbacks are counted",
            [
                "compensations_run_total ok": 3, "compensations_run_total err": 1, "compensation_drains_total clean": 1,
                "compensation_drains_total partial": 1, "observed_compensations_total book-first completed": 2,
                "observed_compensations_total book-second failed": 1,
            ]
        ) { try await RollbackTests().metrics() },
    ]
}
