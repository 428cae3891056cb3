import CanoCore
import RuleFixture

/// The rules of the loop from state to state.
enum FSMRules {
    static let table: [Rule] = [
        Rule(
            changed: ["FSM-1"], "a cancel that comes once the exit state is chosen comes too late, whatever the kind of the last task",
            ["outcomes": ["completed(done)", "completed(done)", "completed(done)", "completed(done)"], "told of a cancellation": false]
        ) { try await LoopRuleScenarios().tooLate() },
        Rule(
            changed: ["FSM-1"], "a cancellation that comes once the exit is chosen undoes nothing",
            ["outcome": "completed(done)", "journal": ["r/first/1", "r/second/2"]]
        ) { try await SagaTests().cancelledAtTheEnd() },
        Rule(
            ["FSM-1", "FSM-2"], changed: ["CT-2"], "a cancel between two states names the state that was not entered",
            ["state": "second", "path": ["first"], "last events": ["taskSucceeded first first", "cancelled second"]]
        ) { try await StoppingTests().atBoundary() },
        Rule(
            changed: ["FSM-1"], "a finished run is not undone by a late cancel",
            ["outcome": "completed(done)", "log": "none"]
        ) { try await StoppingTests().lateCancel() },
        Rule(
            ["FSM-2", "FSM-3", "FSM-4", "FSM-5"],
            "each state is entered, logged, started and finished in that order; the exit has a row and clears the log",
            [
                "end": "done",
                "events": [
                    "stateEntered first", "checkpointWritten 0 state_entry", "taskStarted first First", "taskSucceeded first First",
                    "stateEntered second", "checkpointWritten 1 state_entry", "taskStarted second second-task",
                    "taskSucceeded second second-task", "stateEntered done", "checkpointWritten 2 state_entry",
                ], "log": "none",
            ]
        ) { try await OrchestrationTests().order() },
        Rule(
            ["FSM-3"], "every state is observed when it is entered, with the one before: the first, routers and exits too",
            ["entries": ["- → first", "first → second", "second → done"]]
        ) { try await LoopRuleScenarios().entered() },
        Rule(
            ["FSM-4"], "rows carry sequence, state, task, visit and version, and take the place of those of the visit before",
            [
                "appended": [
                    CheckpointRow(sequence: 0, state: "first", task: "First", visit: 1, version: "3"),
                    CheckpointRow(sequence: 1, state: "second", task: "second", visit: 2, replaces: 0, version: "3"),
                ], "numbers in the log": [1],
            ]
        ) { try await OrchestrationTests().rows() },
        Rule(
            ["FSM-5"], "an exit state's task is not run",
            ["end": "first"]
        ) { try await OrchestrationTests().exitWins() },
        Rule(
            ["FSM-6"], "an unregistered state ends the run with its place and path",
            ["category": "workflow", "state": "third", "path": ["first", "third"]]
        ) { try await OrchestrationTests().missingState() },
        Rule(
            ["FSM-7", "RT-1"], "a state's time is recorded under its label and the kind of its task",
            [
                "task_duration_seconds first router": 1, "task_duration_seconds second stepped": 1, "task_duration_seconds third split": 1,
                "task_duration_seconds first single": [3.0], "step_iterations_total more": 1, "step_iterations_total done": 1,
                "state_enters_total done": 2,
            ]
        ) { try await MetricsTests().kinds() },
        Rule(
            ["FSM-7"], "a run goes from state to state until an exit state",
            ["end from the first state": "done", "end from the exit": "done"]
        ) { try await OrchestrationTests().goesToExit() },
        Rule(
            ["FSM-8"], changed: ["FSM-2"], "cycles are legal, and of a long path an error keeps the last hundred labels",
            ["laps": 1000, "length of the path": 100, "end of the path": "second"]
        ) { try await OrchestrationTests().cycles() },
        Rule(
            ["FSM-9"], "sequences are dense over entries and cursors, and loops write a row for each visit",
            [
                "rows told": [
                    "checkpointWritten 0 state_entry", "checkpointWritten 1 step_cursor", "checkpointWritten 2 state_entry",
                    "checkpointWritten 3 step_cursor", "checkpointWritten 4 state_entry",
                ]
            ]
        ) { try await LoopRuleScenarios().denseSequences() },
        Rule(
            ["FSM-10"], "a failed or cancelled run without compensations keeps its log and can be resumed",
            ["rows": 1, "end": "done", "log afterwards": "none"]
        ) { try await LoopRuleScenarios().keptLog() },
        Rule(
            ["FSM-10", "WB-7"], "clears, resumes, unknown states, timeouts and cancellations are counted, each once",
            [
                "bare category": "configuration", "workflow_runs_total cancelled": 1, "workflow_runs_total failed": 1,
                "workflow_runs_total relinquished": 1, "workflow_runs_total completed": 2, "workflow_duration_seconds completed": 2,
                "observed_cancellations_total": 1, "observed_workflow_timeouts_total": 1, "observed_workflow_timeout_limit_seconds": [9.0],
                "observed_workflow_timeout_elapsed_seconds": [0.0], "resumes_total": 1, "observed_unknown_resume_states_total": 1,
                "checkpoint_clears_total ok": 1, "checkpoint_clears_total err": 1, "checkpoints_observed_total": 2,
            ]
        ) { try await MetricsTests().ends() },
    ]
}
