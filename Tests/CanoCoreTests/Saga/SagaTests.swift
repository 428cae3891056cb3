import CanoCore
import CanoTesting
import MetricsTestKit
import Testing

/// Compensatable tasks going forward.
@Suite(.timeLimit(.minutes(5))) struct SagaTests {
    let journal = Journal<String>()
    let observer = RecordingObserver()
    let store = InMemoryCheckpointStore()
    var runtime: WorkflowRuntime { WorkflowRuntime(checkpoints: store, observers: [observer]) }

    func failure(of workflow: Workflow<Step>, in runtime: WorkflowRuntime? = nil) async -> CanoError? {
        await #expect(throws: CanoError.self) { try await workflow.orchestrate(from: .first, as: "r", in: runtime ?? self.runtime) }
    }

    @Test("a workflow without compensatable tasks, or one whose steps all succeed, has nothing to undo")
    func nothingToUndo() async throws {
        #expect(try await Workflow.bookings(journal, third: { _ in .done }).orchestrate(from: .first, as: "r", in: runtime) == .done)
        #expect(!observer.summary.contains { $0.hasPrefix("compensation") })
        #expect(try await store.rows(of: "r").isEmpty)
    }

    @Test("a cancellation ends the pause before a step is tried again, and there is no other attempt", arguments: [false, true])
    func cancelledInAPause(byControl: Bool) async throws {
        let (clock, calls, control) = (ManualClock(), Counter(), RunControl())
        let workflow = Workflow.bookings(journal) { _, second in
            second.config = TaskConfig(retry: .fixed(retries: 1, delay: .seconds(3600)))
            second.booking = { _ in
                calls.increment()
                throw Mishap()
            }
        }
        let runtime = WorkflowRuntime(clock: clock, checkpoints: store, observers: [observer])
        let run = Task { try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control), in: runtime) }
        await clock.waitForSleepers()
        if byControl { control.stop(.cancelled(reason: nil)) } else { run.cancel() }
        let error = await caught { try await run.value }
        #expect(error?.category == .cancelled)
        #expect(error?.rollback == .clean)
        #expect(calls.value == 1)
        #expect(journal.entries == ["r/first/1", "r/first/1/compensation 10"])
    }

    @Test("a step that fails after its run was cancelled is not tried again, and is undone with the run")
    func failsAfterACancellation() async throws {
        let (calls, control) = (Counter(), RunControl())
        let workflow = Workflow.bookings(journal) { _, second in
            second.config = TaskConfig(retry: .fixed(retries: 5, delay: .zero))
            second.booking = { _ in
                calls.increment()
                control.stop(.cancelled(reason: nil))
                throw Mishap()
            }
        }
        let error = await caught { try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control), in: runtime) }
        #expect(error?.category == .cancelled)
        #expect(calls.value == 1)
        #expect(!observer.summary.contains { $0.hasPrefix("taskRetried") })
    }
}
