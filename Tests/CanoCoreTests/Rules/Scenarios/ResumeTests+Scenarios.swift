import CanoCore
import CanoPrimitives
import CanoTesting
import RuleFixture
import Testing

extension ResumeTests {
    func samevisit() async throws -> Facts {
        var facts: Facts = [:]
        let keys = Journal<String>()
        await #expect(throws: CanoError.self) { try await workflow(keys, failing: .second).orchestrate(from: .first, as: "r", in: runtime) }
        facts["states in the log"] = try await store.rows(of: "r").map(\.state)
        observer.clear()
        facts["end"] = try await workflow(keys).orchestrate(resuming: "r", in: runtime)
        facts["keys"] = keys.entries
        facts["first events"] = observer.summary.prefix(4)
        facts["told of row 2"] = observer.summary.contains("checkpointWritten 2 state_entry")
        facts["log afterwards"] = try await store.rows(of: "r")
        return facts
    }

    func path() async throws -> Facts {
        for (sequence, label) in ["first", "renamed", "second"].enumerated() {
            try await store.append(CheckpointRow(sequence: sequence, state: label, visit: sequence + 1), to: "r")
        }
        let error = await caught { try await workflow(Journal(), failing: .third).orchestrate(resuming: "r", in: runtime) }
        return ["path": error?.path, "first events": observer.summary.prefix(2)]
    }

    func exitLogged() async throws -> Facts {
        try await store.append(CheckpointRow(sequence: 0, state: "done"), to: "r")
        return ["end": try await workflow(Journal()).orchestrate(resuming: "r", in: runtime), "log": try await store.rows(of: "r")]
    }

    func refusals() async throws -> Facts {
        var facts: Facts = [:]
        let workflow = workflow(Journal())
        facts["without a store"] = await category { try await workflow.orchestrate(resuming: "r", in: WorkflowRuntime()) }
        facts["without a log"] = await category { try await workflow.orchestrate(resuming: "unknown", in: runtime) }
        try await store.append(CheckpointRow(sequence: 0, state: "gone", version: "2"), to: "r")
        facts["in an unknown state"] = await category { try await workflow.orchestrate(resuming: "r", in: runtime) }
        facts["of another version"] = await category { try await workflow.versioned("3").orchestrate(resuming: "r", in: runtime) }
        facts["events"] = observer.events
        facts["rows"] = try await store.rows(of: "r").count
        return facts
    }

    func cancelledBeforehand() async throws -> Facts {
        try await store.append(CheckpointRow(sequence: 0, state: "first"), to: "r")
        let control = RunControl()
        control.stop(.cancelled(reason: nil))
        let keys = Journal<String>()
        let rows = try await store.rows(of: "r")
        let error = await caught {
            try await workflow(keys).drive(Run(id: "r", start: .resumed(rows: rows), control: control), in: runtime)
        }
        return ["category": error?.category, "keys": keys.entries]
    }

    func unreadableLog() async throws -> Facts {
        struct Unreadable: CheckpointStore {
            let resource: TestResource
            let setUps = Journal<Int>()
            struct Broken: Error {}
            func append(_ row: CheckpointRow, to run: RunID) async throws {}
            func rows(of run: RunID) async throws -> [CheckpointRow] {
                setUps.add(resource.setUps)
                throw Broken()
            }
            func clear(_ run: RunID) async throws {}
        }
        let resource = TestResource()
        let workflow = Workflow<Step>(resources: Resources().inserting(resource, for: "it")).register(.first) { _ in .done }
            .addExitState(.done)
        let unreadable = Unreadable(resource: resource)
        let runtime = WorkflowRuntime(checkpoints: unreadable, observers: [observer])
        let error = await caught { try await workflow.orchestrate(resuming: "r", in: runtime) }
        return [
            "category": error?.category, "is the store's error": error?.underlying is Unreadable.Broken,
            "set-ups when it was read": unreadable.setUps.entries, "tear-downs": resource.tearDowns,
            "events": observer.events,
        ]
    }

    func timeoutFromResume() async throws -> Facts {
        let clock = ManualClock()
        let runtime = WorkflowRuntime(clock: clock, checkpoints: store, observers: [observer])
        try await store.append(CheckpointRow(sequence: 0, state: "gone"), to: "r")
        try await store.append(CheckpointRow(sequence: 1, state: "first", visit: 2), to: "r")
        clock.advance(by: .seconds(100))
        let workflow = Workflow<Step>.single { context in
            try await context.sleep(for: .seconds(9))
            return .done
        }
        let end = Task { try await workflow.orchestrate(resuming: "r", timeout: .seconds(10), in: runtime) }
        await clock.waitForSleepers(2)
        clock.advance(by: .seconds(9))
        return ["end": try await end.value, "first events": observer.summary.prefix(2)]
    }

    func refusalsAreBare() async throws -> Facts {
        let journal = Journal<String>()
        let stop = RunControl()
        let workflow = Workflow.bookings(
            journal,
            third: { _ in
                stop.stop(.handBack)
                return .done
            })
        _ = try await workflow.drive(Run(id: "r", start: .fresh(.first), control: stop), in: runtime)
        let rows = try await store.rows(of: "r")
        let error = await caught { try await workflow.versioned("9").orchestrate(resuming: "r", in: runtime) }
        return [
            "category": error?.category, "state": error?.state, "rollback": error?.rollback, "journal": journal.entries,
            "log is left alone": try await store.rows(of: "r") == rows && !rows.isEmpty,
        ]
    }

    func finishedOnce() async throws -> Facts {
        let journal = Journal<String>()
        let rows = [
            CheckpointRow(sequence: 0, state: "first", task: "book-first", visit: 1),
            CheckpointRow(
                sequence: 1, kind: .compensationCompletion, state: "first", task: "book-first", visit: 1, next: "second",
                payload: Array("10".utf8)),
        ]
        for row in rows { try await store.append(row, to: "r") }
        for _ in 0..<3 {
            let control = RunControl()
            let workflow = Workflow.bookings(journal) { _, second in second.booking = { _ in control.stop(.handBack) } }
            let rows = try await store.rows(of: "r")
            _ = try await workflow.drive(Run(id: "r", start: .resumed(rows: rows), control: control), in: runtime)
        }
        _ = await #expect(throws: CanoError.self) { try await Workflow.bookings(journal).orchestrate(resuming: "r", in: runtime) }
        return [
            "ran the finished step again": journal.entries.contains("r/first/1"),
            "undone": journal.entries.filter { $0.contains("/compensation") },
        ]
    }

    func timer(slept: Int64) async throws -> Facts {
        var facts: Facts = [:]
        struct Nap: TimerTask {
            let asked: Counter
            func wait(_ context: TaskContext<Step>) async throws -> TimerOutcome {
                asked.increment()
                return .duration(.seconds(40))
            }
            func afterWait(_ context: TaskContext<Step>) async throws -> Step { .done }
        }
        let (clock, asked, control) = (ManualClock(), Counter(), RunControl())
        let workflow = Workflow<Step>().register(.first, Nap(asked: asked)).addExitState(.done)
        let runtime = WorkflowRuntime(clock: clock, checkpoints: store)
        let first = Task { try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control), in: runtime) }
        await clock.waitForSleepers()
        control.stop(.handBack)
        _ = try await first.value
        let last = try #require(try await store.rows(of: "r").last)
        facts["kind of the last row"] = last.kind
        facts["deadline in the log"] = try JSONValue.decode(LoggedWait.self, from: last.payload ?? []).wait.until

        clock.advance(by: .seconds(slept))
        let start = clock.now
        facts["end"] = try await clock.skippingWaits { try await workflow.orchestrate(resuming: "r", in: runtime) }
        facts["waited"] = start.duration(to: clock.now)
        facts["asked"] = asked.value
        return facts
    }
}

/// The payload of the row with which a timer begins to wait.
private struct LoggedWait: Decodable {
    struct Wait: Decodable { let until: Int64 }

    let wait: Wait
}
