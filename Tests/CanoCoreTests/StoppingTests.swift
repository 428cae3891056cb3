import CanoCore
import CanoPrimitives
import CanoTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct StoppingTests {
    let clock = ManualClock()
    let observer = RecordingObserver()
    let store = InMemoryCheckpointStore()
    var runtime: WorkflowRuntime { WorkflowRuntime(clock: clock, checkpoints: store, observers: [observer]) }

    /// Stops itself in the first state, then waits.
    func stopping(_ control: RunControl, _ reason: StopReason) -> Workflow<Step> {
        Workflow<Step>()
            .register(.first, name: "task") { _ in
                control.stop(reason)
                try await untilCancelled()
                return .second
            }
            .register(.second, name: "task") { _ in .done }
            .addExitState(.done)
    }

    @Test("a run that is handed back, or lost, writes and tells nothing more", arguments: [StopReason.handBack, .ownershipLost])
    func relinquished(reason: StopReason) async throws {
        let control = RunControl()
        let outcome = try await stopping(control, reason).drive(Run(id: "r", start: .fresh(.first), control: control), in: runtime)
        guard case .relinquished(reason) = outcome else { return #expect(Bool(false)) }
        #expect(observer.summary == ["stateEntered first", "checkpointWritten 0 state_entry", "taskStarted first task"])
        #expect(try await store.rows(of: "r").count == 1)
    }

    @Test("a hand-back drops what the state had just done, for the run goes on from its row")
    func handBackBeatsSuccess() async throws {
        let control = RunControl()
        let workflow = Workflow<Step>.single { context in
            try await context.store.put(1, for: "value")
            control.stop(.handBack)
            return .done
        }
        let values = MemoryStore()
        let outcome = try await workflow.drive(Run(id: "r", start: .fresh(.first), store: values, control: control), in: runtime)
        guard case .relinquished(.handBack) = outcome else { return #expect(Bool(false)) }
        #expect(values.isEmpty)
        #expect(observer.summary.last == "taskStarted first task")
    }

    @Test("a run whose time was over before it went on here says how long it took in all")
    func overBeforehand() async throws {
        let workflow = Workflow<Step>.single { _ in
            try await untilCancelled()
            return .done
        }
        let run = Run<Step>(id: "r", start: .fresh(.first), timeout: .zero, elapsed: .seconds(60))
        let error = await caught { try await workflow.drive(run, in: runtime) }
        #expect(error?.category == .workflowTimeout)
        #expect(error?.message.hasPrefix("the run took 60.0 seconds of the 60.0 seconds it has") == true)
    }

    @Test("the first reason counts")
    func firstReason() {
        let control = RunControl()
        #expect(control.stopReason == nil)
        control.stop(.handBack)
        control.stop(.cancelled(reason: "late"))
        #expect(control.stopReason == .handBack)
    }

    @Test("a stop before the drive begins is a stop", arguments: [StopReason.handBack, .cancelled(reason: nil)])
    func stoppedBeforehand(reason: StopReason) async throws {
        let control = RunControl()
        control.stop(reason)
        let drive = try? await stopping(control, .timedOut).drive(Run(id: "r", start: .fresh(.first), control: control), in: runtime)
        if reason.endsHere { #expect(drive == nil) } else { #expect(drive != nil) }
        #expect(try await store.rows(of: "r").isEmpty)
    }

    @Test("a cancelled task without a reason means what the control says")
    func unexplained() async throws {
        let started = Gate()
        let workflow = Workflow<Step>.single { _ in
            started.open()
            try await untilCancelled()
            return .done
        }
        let runtime = runtime
        let hosted = Task {
            try await workflow.drive(
                Run(id: "hosted", start: .fresh(.first), control: RunControl(unexplainedCancellation: .handBack)), in: runtime)
        }
        await started.pass()
        hosted.cancel()
        guard case .relinquished(.handBack) = try await hosted.value else { return #expect(Bool(false)) }
    }

    @Test("a store that says the run belongs to another owner stops it at once")
    func storeRelinquishes() async throws {
        struct Fenced: CheckpointStore {
            func append(_ row: CheckpointRow, to run: RunID) async throws {
                if row.sequence == 1 { throw Relinquished(reason: .ownershipLost) }
            }
            func rows(of run: RunID) async throws -> [CheckpointRow] { [] }
            func clear(_ run: RunID) async throws {}
        }
        var runtime = runtime
        runtime.checkpoints = Fenced()
        let outcome = try await Workflow<Step>.single { _ in .done }.drive(Run(id: "r", start: .fresh(.first)), in: runtime)
        guard case .relinquished(.ownershipLost) = outcome else { return #expect(Bool(false)) }
        #expect(observer.summary.last == "stateEntered done")
    }

    @Test("an outage of the store ends when the run is handed back")
    func handBackDuringOutage() async throws {
        let control = RunControl()
        var runtime = runtime
        runtime.checkpoints = UnreliableStore(failures: .max)
        let workflow = Workflow<Step>.single { _ in .done }
        let drive = Task { [runtime] in try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control), in: runtime) }
        await clock.waitForSleepers()
        control.stop(.handBack)
        guard case .relinquished(.handBack) = try await drive.value else { return #expect(Bool(false)) }
    }
}

extension StopReason {
    fileprivate var endsHere: Bool { self != .handBack && self != .ownershipLost }
}
