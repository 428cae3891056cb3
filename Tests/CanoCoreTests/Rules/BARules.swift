import CanoCore
import RuleFixture

/// The rules of batches.
enum BARules {
    static let table: [Rule] = [
        Rule(
            ["BA-1"], "results are in the order of the items, however many are in flight (-1 allowed)",
            ["end": "done", "results are doubled in order": true]
        ) { try await BatchScenarios().order(concurrency: -1) },
        Rule(
            ["BA-1"], "results are in the order of the items, however many are in flight (one)",
            ["end": "done", "results are doubled in order": true]
        ) { try await BatchScenarios().order(concurrency: 1) },
        Rule(
            ["BA-1"], "results are in the order of the items, however many are in flight (three)",
            ["end": "done", "results are doubled in order": true]
        ) { try await BatchScenarios().order(concurrency: 3) },
        Rule(
            ["BA-1"], "results are in the order of the items, however many are in flight (more than there are)",
            ["end": "done", "results are doubled in order": true]
        ) { try await BatchScenarios().order(concurrency: 100) },
        Rule(
            ["BA-1"], "no more items are in flight than allowed, and as many as that",
            ["end": "done", "most at once": 3]
        ) { try await BatchScenarios().bound() },
        Rule(
            ["BA-1"], "what items wrote joins what the batch wrote in the order of the items, whichever was first",
            ["order": [1, 2, 3, 0]]
        ) { try await ItemAttemptTests().inOrder() },
        Rule(
            ["BA-2", "BA-3"], "an item is retried as its mode says; its last error is its result and fails nothing",
            ["end": "done", "finished": [["1", "error"]], "seen": [1, 1, 1, 2, 2, 2]]
        ) { try await BatchScenarios().itemErrors() },
        Rule(
            changed: ["BA-2"], "an item that takes too long is an error of that item",
            ["end": "done", "finished": [["error", "2"]]]
        ) { try await BatchScenarios().itemTimeout() },
        Rule(
            ["BA-2"], "the result of an item that failed is its last error as it was thrown",
            ["results": 1, "its error": Mishap(code: "raw")]
        ) { try await BatchScenarios().rawError() },
        Rule(
            changed: ["BA-2"], "an item whose error no repetition cures is not repeated, and one that says when is repeated then",
            ["end": "done", "seen": [1, 2, 2], "time": MonotonicInstant(nanoseconds: 60_000_000_000)]
        ) { try await BatchScenarios().itemErrorsThatKnow() },
        Rule(
            ["BA-2"], "what a failed attempt at an item wrote is dropped, so a repeated item counts once (one at a time)",
            ["sum": 104, "order": [1, 3, 0]]
        ) { try await ItemAttemptTests().repeated(concurrency: 1) },
        Rule(
            ["BA-2"], "what a failed attempt at an item wrote is dropped, so a repeated item counts once (three at once)",
            ["sum": 104, "order": [1, 3, 0]]
        ) { try await ItemAttemptTests().repeated(concurrency: 3) },
        Rule(
            changed: ["BA-2"], "an item that ignores that its time is over is left behind, told, counted and unable to write",
            ["late write refused with": ["attemptEnded"], "sum": 104, "told": ["attemptAbandoned first Adding"], "counted": 1]
        ) { try await ItemAttemptTests().abandoned() },
        Rule(
            ["BA-3", "BA-7"],
            "only loading and finishing fail a batch; items are counted before the finish and not when loading failed (loading)",
            ["code": "load", "journal": "none", "items counted": nil, "failed batches counted": 1]
        ) { try await BatchScenarios().loadAndFinishFail(failsLoading: true) },
        Rule(
            ["BA-3", "BA-7"],
            "only loading and finishing fail a batch; items are counted before the finish and not when loading failed (finishing)",
            ["code": "finish", "journal": ["item 1", "item 2", "finish"], "items counted": 2, "failed batches counted": 1]
        ) { try await BatchScenarios().loadAndFinishFail(failsLoading: false) },
        Rule(
            ["BA-4"], "a retry of the task runs the whole cycle again",
            ["end": "done", "loads": 2, "seen": [1, 1]]
        ) { try await BatchScenarios().retry() },
        Rule(
            changed: ["BA-5"], "a trap in one item ends the process, its siblings included",
            ["the process ends": true]
        ) { await TrapScenarios().inItem() },
        Rule(
            ["BA-6"], "without items there is still a finish",
            ["end": "done", "finished": ["none"]]
        ) { try await BatchScenarios().empty() },
        Rule(
            ["BA-7"], "items, batches, polls and branches of one run are counted side by side",
            [
                "end": "done", "poll_iterations_total ready": 1, "batch_items_total ok": 2, "batch_items_total err": 1,
                "batch_runs_total completed": 1, "split_branch_results_total success": 1, "split_branch_results_total failure": 1,
                "workflow_runs_total completed": 1,
            ]
        ) { try await MetricsTests().sideBySide() },
    ]
}
