import CanoCore
import RuleFixture

/// The rules of schedulers.
enum SCRules {
    private static let hour: Int64 = 3_600_000

    static let table: [Rule] = [
        Rule(
            ["SC-1"], "rests grow by the multiplier up to the limit, which jitter doesn't exceed",
            [
                "rests after 0 to 5 failures": [
                    Duration.seconds(1), Duration.seconds(1), Duration.seconds(3), Duration.seconds(9), Duration.seconds(20),
                    Duration.seconds(20),
                ], "after 3 with the least jitter": Duration.milliseconds(4500), "after 9 with the most": Duration.seconds(20),
            ]
        ) { ScheduleStateTests().delays() },
        Rule(
            changed: ["SC-1"], "numbers that make no sense do no harm (no number)",
            ["rests out of bounds": "none"]
        ) { ScheduleStateTests().nonsense(multiplier: .nan) },
        Rule(
            changed: ["SC-1"], "numbers that make no sense do no harm (endless)",
            ["rests out of bounds": "none"]
        ) { ScheduleStateTests().nonsense(multiplier: .infinity) },
        Rule(
            changed: ["SC-1"], "numbers that make no sense do no harm (endless backwards)",
            ["rests out of bounds": "none"]
        ) { ScheduleStateTests().nonsense(multiplier: -.infinity) },
        Rule(
            changed: ["SC-1"], "numbers that make no sense do no harm (negative)",
            ["rests out of bounds": "none"]
        ) { ScheduleStateTests().nonsense(multiplier: -1) },
        Rule(
            changed: ["SC-1"], "numbers that make no sense do no harm (nothing)",
            ["rests out of bounds": "none"]
        ) { ScheduleStateTests().nonsense(multiplier: 0) },
        Rule(
            changed: ["SC-1"], "numbers that make no sense do no harm (the greatest there is)",
            ["rests out of bounds": "none"]
        ) { ScheduleStateTests().nonsense(multiplier: .greatestFiniteMagnitude) },
        Rule(
            ["SC-1", "SC-7"], "a flow trips after so many failures; 0 counts as 1 (0)",
            [
                "failures": 1, "status": "tripped after 1", "due when tripped": "none", "refusal of a trigger": "tripped",
                "status after a reset": "idle", "due after a reset": 1,
            ]
        ) { try ScheduleStateTests().trips(limit: 0) },
        Rule(
            ["SC-1", "SC-7"], "a flow trips after so many failures; 0 counts as 1 (1)",
            [
                "failures": 1, "status": "tripped after 1", "due when tripped": "none", "refusal of a trigger": "tripped",
                "status after a reset": "idle", "due after a reset": 1,
            ]
        ) { try ScheduleStateTests().trips(limit: 1) },
        Rule(
            ["SC-1", "SC-7"], "a flow trips after so many failures; 0 counts as 1 (3)",
            [
                "failures": 3, "status": "tripped after 3", "due when tripped": "none", "refusal of a trigger": "tripped",
                "status after a reset": "idle", "due after a reset": 1,
            ]
        ) { try ScheduleStateTests().trips(limit: 3) },
        Rule(
            ["SC-2"], "workflows are checked, resources set up in order and torn down in reverse, once",
            ["journal": ["up first", "up second", "down second", "down first"]]
        ) { try await SchedulerTests().resources() },
        Rule(
            ["SC-2"], "a workflow that cannot run, or a resource that cannot be set up, ends the scheduler before anything ran",
            [
                "code": "mishap", "set-ups": 1, "is up": false, "runs": 0, "code of a stop": "mishap",
                "category of an empty workflow": "configuration", "category of a bad start": "configuration",
            ]
        ) { try await SchedulerTests().setUpFails() },
        Rule(
            ["SC-3"], "an interval begins at once, then counts from the end of each run",
            [
                "wakes up at": 5, "due at 5": [5], "wakes up while it runs": nil, "due while it runs": "none",
                "wakes up after its end": 110_000,
            ]
        ) { ScheduleStateTests().interval() },
        Rule(
            ["SC-3"], "an interval is not over before the rest after a failure is",
            ["after the failure": "rests(60.0 seconds)", "wakes up at": 60_010, "due then": 1]
        ) { ScheduleStateTests().intervalAndRest() },
        Rule(
            ["SC-3"], "an interval runs at once, and again that long after the end of each run",
            ["waits": [10_000, 10_000, 10_000, 10_000, 10_000], "ran five times at least": true]
        ) { try await SchedulerTests().interval() },
        Rule(
            ["SC-4"], "the next time is strictly after now, to the second",
            ["next when due now": ["2024-05-06T02:30:00Z"], "after 999": 1000, "after 1000": 2000, "after -1": 0]
        ) { try CronExpressionTests().strictlyAfter() },
        Rule(
            ["SC-4"], "an expression that names past years is never due, and neither is any after 2099",
            ["in a past year": "none", "after 2099": "none", "after the last moment": nil, "never after the first moment": false]
        ) { try CronExpressionTests().never() },
        Rule(
            ["SC-4", "SC-5"], "due times while a run goes on are skipped, and a trigger is refused",
            [
                "due after an hour": [hour], "status": "running", "due after two": "none", "refusal of a trigger": "running",
                "due after its end": "none", "wakes up at": 3 * hour, "runs": 1, "last run": hour, "next run": 3 * hour,
            ]
        ) { try ScheduleStateTests().overlap() },
        Rule(
            ["SC-4"], "due times within a rest are skipped, and a trigger is not",
            ["status": "backoff until 9000000 after 1", "due in the rest": "none", "due of a trigger": nil, "due behind it": 1]
        ) { try ScheduleStateTests().rests() },
        Rule(
            changed: ["SC-4"], "a clock set back a little is waited for, one set back far is followed",
            [
                "due an hour earlier": "none", "then wakes up at": 11 * hour, "due eight hours earlier": "none",
                "then wakes up, at": 3 * hour,
            ]
        ) { try ScheduleStateTests().setBack() },
        Rule(
            ["SC-5", "SC-9"], "triggers are refused while a run goes on, when tripped, of unknown flows, and when nothing runs",
            [
                "before the start": "not_running", "while it runs": "already_running", "has runs": true,
                "its run fails with": "taskExecution", "when tripped": "tripped", "after a reset": nil, "trigger of none": "unknown_flow",
                "reset of none": "unknown_flow", "cancel of none": "unknown_flow", "info of none": nil, "after the stop": "not_running",
            ]
        ) { try await SchedulerTests().refusals() },
        Rule(
            ["SC-6", "SC-9"], "cancelling a flow cancels its run alone, and the next run is not cancelled",
            ["category": "cancelled", "status": "idle", "end of the next": "done"]
        ) { try await SchedulerTests().cancelling() },
        Rule(
            ["SC-6"], "a run has its own total time",
            ["category": "workflowTimeout"]
        ) { try await SchedulerTests().timeouts() },
        Rule(
            ["SC-7"], "a success ends the streak, a cancellation leaves it, a failure makes it longer",
            [
                "a failure": "backoff until 1000 after 1", "another": "backoff until 2000 after 2", "a cancellation": "idle",
                "one more failure": "backoff until 4000 after 3", "a success": "completed",
                "a failure after it": "backoff until 1000 after 1",
            ]
        ) { try ScheduleStateTests().outcomes() },
        Rule(
            changed: ["SC-8"], "each run has an id of its own, so a failed run's log stands in no other's way",
            ["first run fails with": "taskExecution", "end of the next": "done", "same id": false]
        ) { try await SchedulerTests().freshIDs() },
        Rule(
            ["SC-9"], "a reset makes a tripped interval due again, and the failure of a run under way the first",
            [
                "status of a run reset": "running", "wakes up while it runs": nil, "status after its failure": "tripped after 1",
                "wakes up when tripped": nil, "wakes up after a reset": 10_003,
            ]
        ) { try ScheduleStateTests().reset() },
        Rule(
            changed: ["SC-10"], "a stop cancels runs, waits for those that can end, and gives up on the rest in time",
            [
                "is up while it waits": true, "codes": ["stop_timeout", "stop_timeout", "stop_timeout"],
                "name the deaf flow": [true, true, true], "is up afterwards": false,
            ]
        ) { try await SchedulerTests().boundedStop() },
        Rule(
            ["SC-10"], "resources that take too long to be torn down don't hold up a stop",
            ["stopped though it is being torn down": true, "tear-downs": 1]
        ) { try await SchedulerTests().slowTearDown() },
        Rule(
            changed: ["SC-10"], "nothing begins once a stop was asked for, however late it is noticed",
            ["schedulers with a run after the stop": 0, "triggers accepted": 0]
        ) { try await SchedulerTests().nothingBegins() },
        Rule(
            ["SC-10"], "a stop while resources are set up lets nothing begin, and tears them down",
            ["runs": 0, "tear-downs": 1]
        ) { try await SchedulerTests().stoppedWhileStarting() },
        Rule(
            changed: ["SC-11"], "the scheduler sleeps until something is due, and looks at the wall clock now and then",
            [
                "sleepers of a wall clock's flow": 1, "its runs": 0,
                "next wake-up of a rare flow": MonotonicInstant(nanoseconds: 86_400_000_000_000),
            ]
        ) { try await SchedulerTests().sleeps() },
        Rule(
            changed: ["SC-12"], "cancelling the task that runs it stops it and tears down",
            ["is up": false, "tear-downs": 1]
        ) { try await SchedulerTests().cancelled() },
        Rule(
            changed: ["SC-13"], "a new scheduler that is told what the old one has done catches up",
            ["ran for the last two hours": true]
        ) { try await SchedulerTests().restart() },
    ]
}
