import CanoPrimitives
import Testing

@testable import CanoBus

/// Templates are filled by the Lua of the bridge's scripts; here as it does.
@Suite("The template of an event's data", .timeLimit(.minutes(5)))
struct EventTemplateTests {
    /// Fills the holes with JSON. A hole without a value leaves its member out.
    private func fill(_ template: String, _ values: [String: String]) -> String {
        template.replacing(/\u{1}([a-z_]+)\u{2}([^\u{1}]*)\u{1}/) { hole in
            values[String(hole.1)].map { hole.2 + $0 } ?? ""
        }
    }

    private func names(_ template: String) -> Set<String> {
        Set(template.matches(of: /\u{1}([a-z_]+)\u{2}/).map { String($0.1) })
    }

    @Test("of a start, with the input and without, with attributes and without")
    func started() throws {
        let template = RunStarted.template(version: "1", state: "a/\"b\"")
        #expect(fill(template, ["input": "{\"x\":1}"]) == RunStarted(version: "1", state: "a/\"b\"", input: "{\"x\":1}").json)
        let attributes = try RunAttributes(["b": "x", "a": 1])
        let found = RunStarted(version: "1", state: "a/\"b\"", input: "1", attributes: attributes)
        #expect(fill(template, ["input": "1", "attributes": attributes.json]) == found.json)
        let long = RunStarted(version: "1", state: "a/\"b\"", input: String(repeating: "1", count: BusLimits.inlineInputBytes + 1))
        #expect(fill(template, [:]) == long.json)
    }

    @Test("of a resumption")
    func resumed() {
        let values = ["state": "\"pay\"", "row": "3", "previous_bridge": "\"b\"", "recoveries": "1", "by": "\"handback\""]
        #expect(
            fill(RunResumed.template, values)
                == RunResumed(state: "pay", row: 3, previousBridge: "b", recoveries: 1, cause: .handback).json)
        #expect(names(RunResumed.template) == Set(values.keys))
    }

    @Test("of a failure, with the state also in the error")
    func failed() {
        func failure(in state: String?) -> RunFailure {
            RunFailure(code: RunFailure.poison, message: "m", category: RunFailure.poison, state: state)
        }
        let event = RunFailed(state: "pay", error: failure(in: "pay").json, rollback: .none, isResumable: true, duration: 7)
        #expect(fill(RunFailed.template(failure(in: nil)), ["state": "\"pay\"", "duration_ms": "7"]) == event.json)
        #expect(fill(failure(in: nil).template, ["state": "\"pay\""]) == failure(in: "pay").json)
    }

    @Test("of a cancellation, with a reason and without")
    func cancelled() {
        for reason in ["expired", nil] {
            let event = RunCancelled(state: "pay", reason: reason, rollback: .none, duration: 0)
            #expect(fill(RunCancelled.template, ["state": "\"pay\"", "reason": reason.map { "\"\($0)\"" } ?? "null"]) == event.json)
        }
    }

    @Test("of an end that a script words, with the unread signals where there are any")
    func unread() {
        let cancelled = RunCancelled(state: "s", reason: nil, rollback: .none, duration: 0, unreadSignals: 3)
        #expect(fill(RunCancelled.template, ["state": "\"s\"", "reason": "null", "unread_signals": "3"]) == cancelled.json)
        let failure = RunFailure(code: RunFailure.poison, message: "m", category: RunFailure.poison, state: "s")
        let failed = RunFailed(state: "s", error: failure.json, rollback: .none, isResumable: true, duration: 7, unreadSignals: 3)
        #expect(fill(RunFailed.template(failure), ["state": "\"s\"", "duration_ms": "7", "unread_signals": "3"]) == failed.json)
    }

    @Test("of a signal that was taken, with a message id and without")
    func signal() {
        for id in ["m-1", nil] {
            for outcome in SignalOutcome.allCases {
                let event = SignalTaken(name: "approved", messageID: id, outcome: outcome, unread: 2)
                let template = SignalTaken.template(name: "approved", messageID: id)
                #expect(fill(template, ["outcome": "\"\(outcome.rawValue)\"", "unread": "2"]) == event.json)
                #expect(names(template) == ["outcome", "unread"])
            }
        }
    }

    @Test("of a duplicate, with each member that may be missing and without")
    func duplicate() {
        let error = RunFailure(code: "c", message: "m", category: "store", state: nil).json
        let all = ["same_workflow": "true", "same_input": "false", "output": "[1]", "error": error]
        for mask in 0..<16 {
            let shown = all.keys.sorted().enumerated().filter { mask & (1 << $0.offset) != 0 }.map(\.element)
            let values = all.filter { shown.contains($0.key) }
            let event = RunDuplicate(
                status: .failed, hasSameWorkflow: values["same_workflow"].map { $0 == "true" },
                hasSameInput: values["same_input"].map { $0 == "true" }, output: values["output"], error: values["error"])
            #expect(fill(RunDuplicate.template, values.merging(["status": "\"failed\""]) { own, _ in own }) == event.json)
        }
    }

    @Test("of what is said of schedules")
    func schedules() {
        for next in [5, nil] as [Int64?] {
            #expect(
                fill(ScheduleSet.template, ["next": next.map { String($0) } ?? "null", "replaced": "true"])
                    == ScheduleSet(next: next, isReplaced: true).json)
        }
        #expect(
            fill(ScheduleSet.template, ["next": "null", "replaced": "true", "paused": "7"])
                == ScheduleSet(next: nil, isReplaced: true, pausedSince: 7).json)
        #expect(fill(SchedulePaused.template, ["paused": "7"]) == SchedulePaused(since: 7).json)
        #expect(fill(ScheduleResumed.template, ["next": "null"]) == ScheduleResumed(next: nil).json)
        #expect(fill(ScheduleSuperseded.template, ["by": "\"1-2\""]) == ScheduleSuperseded(by: "1-2").json)
    }

    @Test("has holes for members of its type's table only")
    func holes() {
        let templates: [(any EventDataCoding.Type, String)] = [
            (RunStarted.self, RunStarted.template(version: "1", state: "s")), (RunResumed.self, RunResumed.template),
            (RunCancelled.self, RunCancelled.template), (RunDuplicate.self, RunDuplicate.template),
            (ScheduleSet.self, ScheduleSet.template), (SchedulePaused.self, SchedulePaused.template),
            (ScheduleResumed.self, ScheduleResumed.template),
            (ScheduleSuperseded.self, ScheduleSuperseded.template), (SignalTaken.self, SignalTaken.template(name: "n", messageID: nil)),
        ]
        for (type, template) in templates { #expect(names(template).isSubset(of: type.members.map(\.field.rawValue)), "\(type)") }
    }
}
