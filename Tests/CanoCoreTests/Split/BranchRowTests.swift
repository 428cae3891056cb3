import CanoPrimitives
import CanoTesting
import Testing

@testable import CanoCore

/// How rows of branches get to the log, and what it means when they don't.
@Suite(.timeLimit(.minutes(5))) struct BranchRowTests {
    private let clock = ManualClock()
    private let journal = Journal<String>()

    private func workflow(_ branches: [Branch<Fork, Int>], _ join: JoinConfig = JoinConfig()) -> Workflow<Fork> {
        Workflow<Fork>("w", startingAt: .first) { state in
            switch state {
            case .first: .split(branches, join: join, then: .second)
            case .second:
                .sagaStep("saga", config: .minimal) { _ in
                    (.done, 1)
                } undo: { _, _ in
                }
            default: .exit
            }
        }
    }

    private func gated(_ gates: [Gate]) -> [Branch<Fork, Int>] {
        gates.enumerated().map { index, gate in
            Branch("branch", config: .minimal) { [journal] _ in
                journal.add("\(index)")
                await gate.pass()
                return index
            }
        }
    }

    @Test("while rows are being written others gather, and go together in the order they came")
    func groups() async throws {
        let gates = (0..<6).map { _ in Gate() }
        let host = SplitHost(on: clock)
        host.gate.close()
        let workflow = workflow(gated(gates))
        let outcome = Task { try await host.drive(workflow) }
        try await eventually { journal.entries.count == 6 }
        gates[4].open()
        // The others end while the first row is held up.
        try await eventually { host.isHeldUp }
        for index in [2, 5, 0] {
            gates[index].open()
            for _ in 0..<1_000 { await Task.yield() }
        }
        host.gate.open()
        try await eventually { host.moment.ended == [0, 2, 4, 5] }
        #expect(host.branchCalls == [["branch_end 4"], ["branch_end 2", "branch_end 5", "branch_end 0"]])
        for gate in gates { gate.open() }
        guard case .completed(.done) = try await outcome.value else { throw Mishap() }
        #expect(host.moments.flatMap(\.rows).allSatisfy { $0.replaces == nil || $0.branch == nil })
    }

    @Test("an append that is not answered is repeated as it was, and no branch runs again for it")
    func outage() async throws {
        let host = SplitHost(on: clock)
        host.fail(atCall: 1, with: Mishap())
        host.fail(atCall: 2, with: Mishap())
        let workflow = workflow(gated([Gate(isOpen: true)]))
        let outcome = try await clock.skippingWaits { try await host.drive(workflow) }
        guard case .completed(.done) = outcome else { throw Mishap() }
        #expect(journal.entries == ["0"])
        #expect(host.branchCalls == [["branch_end 0"], ["branch_end 0"], ["branch_end 0"]])
    }

    @Test("the timeout of a join waits for rows that are being written")
    func timeoutInOutage() async throws {
        let host = SplitHost(on: clock)
        host.gate.close()
        let workflow = workflow(gated([Gate(isOpen: true), Gate()]), JoinConfig(.partialTimeout, timeout: .seconds(5)))
        let outcome = Task { try await host.drive(workflow) }
        try await eventually { host.isHeldUp }
        clock.advance(by: .seconds(5))
        host.gate.open()
        try await eventually { host.moment.ended == [0] }
        // The other branch is deaf, and left behind.
        try await eventually { clock.sleeperCount > 0 }
        clock.advance(by: .seconds(60))
        guard case .completed(.done) = try await outcome.value else { throw Mishap() }
    }

    @Test("an append that says the run is another process's ends the split: its branches are stopped, and nothing more is written or told")
    func relinquished() async throws {
        let host = SplitHost(on: clock)
        host.fail(atCall: 1, with: Relinquished(reason: .ownershipLost))
        let (observer, stopped) = (RecordingObserver(), Counter())
        let listening = Branch<Fork, Int>("listening", config: .minimal) { _ in
            do { try await untilCancelled() } catch {}
            stopped.increment()
            throw CancellationError()
        }
        let workflow = workflow([listening] + gated([Gate(isOpen: true)]))
        guard case .relinquished(.ownershipLost) = try await host.drive(workflow, observers: [observer]) else { throw Mishap() }
        #expect(stopped.value == 1)
        #expect(host.calls.count == 2)
        #expect(!observer.summary.contains { $0.hasPrefix("taskFailed") })
    }

    @Test("an append that the log has another row for fails the run, and undoes nothing")
    func conflict() async throws {
        let host = SplitHost(on: clock)
        host.fail(atCall: 1, with: CanoError(.checkpointStore, "another row", code: "conflict", isRetryable: false))
        let workflow = workflow(gated([Gate(isOpen: true)]))
        let error = await caught { try await host.drive(workflow) }
        #expect(error?.code == "conflict" && error?.rollback == Rollback.none)
        #expect(host.calls.count == 2)
    }

    @Test("a step that is refused with a branch's row is done again, and branches that have ended are not")
    func stepConflict() async throws {
        let host = SplitHost(on: clock)
        host.fail(atCall: 2, with: StepConflict("a write no longer fits"))
        let workflow = workflow(gated([Gate(isOpen: true), Gate(isOpen: true)]), JoinConfig(bulkhead: 1))
        guard case .completed(.done) = try await host.drive(workflow) else { throw Mishap() }
        #expect(journal.entries == ["0", "1", "1"])
    }

    @Test("a step that is refused with the row of a wait is done again, and branches that have ended are not")
    func refusedWait() async throws {
        let host = SplitHost(on: clock)
        host.fail(atCall: 3, with: StepConflict("a write no longer fits"))
        let branches = gated([Gate(isOpen: true), Gate(isOpen: true)])
        let workflow = Workflow<Fork>("w", startingAt: .first) { state in
            switch state {
            case .first: .split(branches, join: JoinConfig(bulkhead: 1), then: .second)
            case .second: .timer(.duration(.seconds(60)), then: .done)
            default: .exit
            }
        }
        let outcome = try await clock.skippingWaits { try await host.drive(workflow) }
        guard case .completed(.done) = outcome else { throw Mishap() }
        #expect(journal.entries == ["0", "1"])
        #expect(host.calls == [["state_entry"], ["branch_end 0"], ["branch_end 1"], ["waiting"], ["waiting"], ["state_entry"]])
    }

    @Test("a full log ends the split with its error, and leaves the run as it is")
    func full() async throws {
        let large = String(repeating: "x", count: 900_000)
        let workflow = Workflow<Fork>("w", startingAt: .first) { state in
            switch state {
            case .first:
                .split((0..<6).map { _ in Branch("branch", config: .minimal) { _ in large } }, join: JoinConfig(bulkhead: 1), then: .done)
            default: .exit
            }
        }
        let host = SplitHost(on: clock)
        let error = await caught { try await host.drive(workflow) }
        #expect(error?.category == .logFull && error?.rollback == Rollback.none)
        #expect(host.moment.ended == [0, 1, 2])
    }

    @Test("a stopped run does not wait for a log that is away; its rows come before those of its rollback")
    func stoppedInOutage() async throws {
        let host = SplitHost(on: clock)
        host.fail(atCall: 3, with: Mishap())
        host.fail(atCall: 4, with: Mishap())
        let control = RunControl()
        let branches = gated([Gate(isOpen: true), Gate(isOpen: true)])
        let workflow = Workflow<Fork>("w", startingAt: .second) { state in
            switch state {
            case .second:
                .sagaStep("saga", config: .minimal) { _ in
                    (.first, 1)
                } undo: { _, _ in
                }
            case .first: .split(branches, join: JoinConfig(bulkhead: 1), then: .done)
            default: .exit
            }
        }
        let observer = RecordingObserver()
        let outcome = Task { try await host.drive(workflow, control: control, observers: [observer]) }
        await clock.waitForSleepers()
        control.stop(.cancelled(reason: nil))
        #expect(await caught { try await outcome.value }?.category == .cancelled)
        #expect(host.moment.rows.map(\.kind) == [.compensationCompletion, .stateEntry, .branchEnd, .rollbackStart, .compensated])
        #expect(
            observer.summary.filter { $0.hasPrefix("task") && $0.contains("branch") } == [
                "taskStarted first branch[0]", "taskStarted first branch[1]", "taskSucceeded first branch[0]",
                "taskFailed first branch[1] cancelled",
            ])
    }

    @Test("branches that end once the join is decided have no row")
    func decided() async throws {
        let gates = (0..<3).map { _ in Gate() }
        let host = SplitHost(on: clock)
        host.gate.close()
        let workflow = workflow(gated(gates), JoinConfig(.any))
        let outcome = Task { try await host.drive(workflow) }
        try await eventually { journal.entries.count == 3 }
        gates[1].open()
        try await eventually { host.isHeldUp }
        gates[0].open()
        gates[2].open()
        for _ in 0..<1_000 { await Task.yield() }
        host.gate.open()
        guard case .completed(.done) = try await outcome.value else { throw Mishap() }
        #expect(host.branchCalls == [["branch_end 1"]])
    }
}
