import CanoCore
import RuleFixture

/// The rules of streams.
enum SMRules {
    static let table: [Rule] = [
        Rule(
            ["SM-1", "SM-5", "SM-6"], "full windows are flushed and logged; the rest is flushed before closing",
            [
                "outcome": "completed(done)", "journal": ["open -", "flush [10, 20]", "flush [30, 40]", "flush [50]", "close exhausted"],
                "checkpoint events": [
                    "checkpointWritten 0 state_entry", "checkpointWritten 1 step_cursor", "checkpointWritten 2 step_cursor",
                    "checkpointWritten 3 step_cursor", "checkpointWritten 4 state_entry",
                ], "items": 5,
            ]
        ) { try await StreamTests().windows() },
        Rule(
            ["SM-1", "SM-4"], "time windows flush what came in them, and nothing when nothing came",
            ["outcome": "completed(done)", "journal": ["open -", "flush [10, 20]", "flush [30]", "close exhausted"]]
        ) { try await StreamTests().timeWindows() },
        Rule(
            ["SM-1"], "a tick that is due goes before an item that is there",
            ["outcome": "completed(done)", "journal": ["flush [10]", "flush [20]", "close exhausted"]]
        ) { try await TimeWindowTests().tickFirst() },
        Rule(
            ["SM-1"], "a window lasts a millisecond at least (nothing)",
            ["outcome": "completed(done)"]
        ) { try await TimeWindowTests().floor(duration: .zero) },
        Rule(
            ["SM-1"], "a window lasts a millisecond at least (5 ns)",
            ["outcome": "completed(done)"]
        ) { try await TimeWindowTests().floor(duration: .nanoseconds(5)) },
        Rule(
            ["SM-1"], "a window lasts a millisecond at least (less than nothing)",
            ["outcome": "completed(done)"]
        ) { try await TimeWindowTests().floor(duration: .seconds(-1)) },
        Rule(
            ["SM-2", "SM-3"], "a good item starts the count of bad ones anew, a window's end does not; a bad item moves no cursor",
            [
                "capacity of a window of 0": 1, "full after a good item": true, "cursor after it": 1, "goes on after a bad one": true,
                "outputs then": [10], "cursor then": 1, "outputs of the window": [10], "cursor of the window": 1,
                "goes on after another behind the window": false, "goes on after a good and a bad one": true,
            ]
        ) { StreamTests().badItemsInARow() },
        Rule(
            ["SM-3"], "what an item wrote that is dropped from a stream is dropped with it",
            ["order": [1, 3, 0]]
        ) { try await ItemAttemptTests().skipped() },
        Rule(
            ["SM-3"], "a bad item fails the stream, is skipped, or is forgiven up to a number in a row",
            [
                "code when failing fast": "bad 2", "journal when failing fast": ["open -"],
                "end of journal when skipping": ["flush [10, 30]", "close exhausted"], "code when forgiving two": "bad 6",
            ]
        ) { try await StreamTests().badItems() },
        Rule(
            ["SM-3"], "an item that takes too long is a bad item",
            ["journal": ["open -", "flush [10, 30]", "close exhausted"]]
        ) { try await StreamTests().itemTimeout() },
        Rule(
            ["SM-5"], "a window that says stop ends the stream without closing it",
            ["outcome": "completed(second)", "journal": ["open -", "flush [10, 20]", "flush [30, 40]"], "cursors told": 2]
        ) { try await StreamTests().stop() },
        Rule(
            ["SM-5"], "a flush that fails fails the state, and its cursor is not logged",
            ["code": "flush", "cursors": "none", "values": "none"]
        ) { try await StreamTests().flushFails() },
        Rule(
            ["SM-5"], "a time window that says stop ends the stream without closing it",
            ["outcome": "completed(second)", "journal": ["flush [10, 20]"]]
        ) { try await TimeWindowTests().stops() },
        Rule(
            ["SM-6"], "an empty source is only closed",
            ["journal": ["open -", "close exhausted"], "told of a cursor": false]
        ) { try await StreamTests().empty() },
        Rule(
            ["SM-6"], "the rest may say stop too, and the stream is then not closed",
            ["outcome": "completed(second)", "journal": ["open -", "flush [10, 20]", "flush [30]"], "cursors told": 2]
        ) { try await StreamTests().stopAtTheEnd() },
        Rule(
            ["SM-6"], "the last cursor is logged once closing has succeeded, so that a resumed run closes again",
            ["code": "close", "cursors": ["2"]]
        ) { try await StreamTests().closeFails() },
        Rule(
            ["SM-7"], "a cancelled stream flushes what it has, closes, logs its cursor in place of the last one and then is cancelled",
            [
                "category": "cancelled", "journal": ["open -", "flush [10, 20]", "flush [30]", "close cancelled"], "cursors": ["3"],
                "last events": ["taskFailed first Numbers cancelled", "cancelled first"], "items": 3,
            ]
        ) { try await StreamTests().cancelDrain() },
        Rule(
            ["SM-7"], "when the flush of a drain fails the stream is still closed, and the flush's error is the result",
            ["code": "flush", "journal": ["open -", "flush [10]", "close cancelled"], "cursors": "none"]
        ) { try await StreamTests().drainFails() },
        Rule(
            ["SM-7"], "an error of closing a cancelled stream takes the place of the cancellation, and the cursor stays behind",
            [
                "code": "close", "journal": ["open -", "flush [10]", "close cancelled"], "cursors": "none",
                "last event": "taskFailed first Numbers close",
            ]
        ) { try await StreamTests().drainCloseFails() },
        Rule(
            ["SM-7", "SM-13"], "a stream that waits for its window to end is woken by a stop, and drained when the run ends (cancelled)",
            [
                "category": "cancelled", "journal": ["flush [10, 20]", "close cancelled"], "rows by kind": ["stepCursor"],
                "ends counted": ["cancelled"],
            ]
        ) { try await TimeWindowTests().drained(reason: .cancelled(reason: nil)) },
        Rule(
            ["SM-7", "SM-13"], "a stream that waits for its window to end is woken by a stop, and drained when the run ends (out of time)",
            [
                "category": "workflowTimeout", "journal": ["flush [10, 20]", "close cancelled"],
                "rows by kind": ["stepCursor"], "ends counted": ["failed"],
            ]
        ) { try await TimeWindowTests().drained(reason: .timedOut) },
        Rule(
            ["SM-7", "SM-13"], "a stream that is handed back while it waits flushes nothing and has not ended",
            ["outcome": "relinquished(handBack)", "journal": "none", "rows by kind": ["stateEntry"], "ends counted": "none"]
        ) { try await TimeWindowTests().handedBack() },
        Rule(
            ["SM-8"], "a cancellation is noticed between items: the window being flushed is flushed whole, its writes included",
            [
                "category": "cancelled", "journal": ["open -", "flush [10, 20]", "close cancelled"], "cursors": ["2"], "flushes": 1,
                "items": 2,
            ]
        ) { try await StreamTests().flushIsNotCutShort() },
        Rule(
            changed: ["SM-8"], "the item under way notices the cancellation, and is neither counted as bad nor lost from the window",
            ["category": "cancelled", "journal": ["open -", "flush [10]", "close cancelled"], "cursors": ["1"]]
        ) { try await StreamTests().itemIsCutShort() },
        Rule(
            ["SM-9"], "a cursor that the log refuses is the run's error, also when the stream was being cancelled",
            ["category": "checkpointStore", "code": "conflict", "state": "first"]
        ) { try await StreamTests().cursorRefused(cancels: false) },
        Rule(
            ["SM-9"], "a cursor that the log refuses is the run's error, also when the stream was being cancelled (it was)",
            ["category": "checkpointStore", "code": "conflict", "state": "first"]
        ) { try await StreamTests().cursorRefused(cancels: true) },
        Rule(
            ["SM-10"], "a stream that is cancelled while it opens has nothing to drain and is not closed",
            ["category": "cancelled", "journal": ["open -"], "cursors": "none"]
        ) { try await StreamTests().cancelledWhileOpening() },
        Rule(
            changed: ["SM-10"], "opening is not cut off; a stream that opens all the same is closed, though nothing is read",
            ["category": "cancelled", "journal": ["open -", "close cancelled"], "cursors": "none"]
        ) { try await StreamTests().openedAllTheSame() },
        Rule(
            ["SM-10"], "a source that cannot be opened fails the state",
            ["code": "open", "last event": "taskFailed first Numbers open", "journal": ["open -"]]
        ) { try await StreamTests().openFails() },
        Rule(
            ["SM-10"], "a source that breaks fails the state, and what was buffered is dropped (in a window of items)",
            [
                "code": "broken", "state": "first", "journal": "none", "last event": "taskFailed first windowed broken",
                "failed streams counted": 1,
            ]
        ) { try await TimeWindowTests().sourceBreaks(window: .count(3)) },
        Rule(
            ["SM-10"], "a source that breaks fails the state, and what was buffered is dropped (in a window of time)",
            [
                "code": "broken", "state": "first", "journal": "none", "last event": "taskFailed first windowed broken",
                "failed streams counted": 1,
            ]
        ) { try await TimeWindowTests().sourceBreaks(window: .duration(.seconds(10))) },
        Rule(
            changed: ["SM-11"], "of a timeout and a cancellation the first one counts, also when the other comes during the drain",
            ["category": "workflowTimeout", "last events": ["taskFailed first Numbers workflow_timeout", "timedOut"]]
        ) { try await StreamTests().firstReasonCounts() },
        Rule(
            ["SM-11"], "a stream out of time drains and then has timed out",
            ["category": "workflowTimeout", "journal": ["open -", "flush [10]", "close cancelled"]]
        ) { try await StreamTests().timeoutDrain() },
        Rule(
            ["SM-12"], "one start and one end; a cancellation that only the task speaks of is a failure like any other",
            [
                "task events of a success": ["taskStarted first Numbers", "taskSucceeded first Numbers"],
                "category of a private cancellation": "taskExecution",
                "events of it": ["stateEntered first", "taskStarted first Numbers", "taskFailed first Numbers task_execution"],
            ]
        ) { try await StreamTests().hooks() },
        Rule(
            ["SM-13"], "a stream is completed, cancelled or failed; out of time is failed (completed)",
            ["ends counted": ["completed"], "stream_windows_total": 2, "stream_items_total ok": 3, "stream_items_total err": nil]
        ) { try await MetricsTests().streams(end: "completed") },
        Rule(
            ["SM-13"], "a stream is completed, cancelled or failed; out of time is failed (cancelled)",
            ["ends counted": ["cancelled"], "stream_windows_total": 2, "stream_items_total ok": 3, "stream_items_total err": nil]
        ) { try await MetricsTests().streams(end: "cancelled") },
        Rule(
            ["SM-13"], "a stream is completed, cancelled or failed; out of time is failed (timed out)",
            ["ends counted": ["failed"], "stream_windows_total": 2, "stream_items_total ok": 3, "stream_items_total err": nil]
        ) { try await MetricsTests().streams(end: "timed out") },
        Rule(
            ["SM-13"], "a stream is completed, cancelled or failed; out of time is failed (bad)",
            ["ends counted": ["failed"], "stream_windows_total": 1, "stream_items_total ok": 2, "stream_items_total err": 1]
        ) { try await MetricsTests().streams(end: "bad") },
        Rule(
            ["SM-13"], "a stream that stops before there is anything to drain counts as one that drains: by the reason (cancelled)",
            ["ends counted": ["cancelled"]]
        ) { try await MetricsTests().streamStoppedWhileOpening(reason: .cancelled(reason: nil)) },
        Rule(
            ["SM-13"], "a stream that stops before there is anything to drain counts as one that drains: by the reason (timed out)",
            ["ends counted": ["failed"]]
        ) { try await MetricsTests().streamStoppedWhileOpening(reason: .timedOut) },
        Rule(
            ["SM-13"], "a stream that stops before there is anything to drain counts as one that drains: by the reason (handed back)",
            ["ends counted": "none"]
        ) { try await MetricsTests().streamStoppedWhileOpening(reason: .handBack) },
        Rule(
            changed: ["SM-14"], "a stream's configuration retries nothing, for the engine never opens it twice",
            ["code": "bad 1", "journal": ["open -"]]
        ) { try await StreamTests().notRetried() },
        Rule(
            ["SM-14"], "called directly a stream keeps its windows and its closing",
            ["end": "done", "journal": ["open -", "flush [10, 20]", "flush [30]", "close exhausted"]]
        ) { try await StreamTests().standalone() },
        Rule(
            ["SM-15"], "a stored cursor that cannot be read fails the task before the source is opened",
            ["category": "taskExecution", "task": "Numbers", "journal": "none"]
        ) { try await StreamTests().badCursor() },
    ]
}
