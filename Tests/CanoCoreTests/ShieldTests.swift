import CanoTesting
import Testing

@testable import CanoCore

@Suite("What keeps a stop away from a step that can be undone", .timeLimit(.minutes(5)))
struct ShieldTests {
    /// Stops a run when it is told that a task begins.
    struct Stopping: WorkflowObserver {
        let control: RunControl
        let task: String

        func workflow(_ run: RunID, did event: WorkflowEvent) {
            if case .taskStarted(_, task) = event { control.stop(.cancelled(reason: nil)) }
        }
    }

    let control = RunControl()

    @Test("lets the step not even begin after a stop that came just before it, and the steps before it are undone")
    func stoppedJustBefore() async {
        let (control, journal) = (control, Journal<String>())
        let begun = Counter()
        let workflow = Workflow.bookings(journal) { _, second in second.booking = { _ in begun.increment() } }
        let runtime = WorkflowRuntime(observers: [Stopping(control: control, task: "book-second")])
        let error = await caught {
            try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control), in: runtime)
        }
        #expect(error?.category == .cancelled && error?.rollback == .clean && error?.task == "book-second")
        #expect(begun.value == 0)
        #expect(journal.entries == ["r/first/1", "r/first/1/compensation 10"])
    }

    @Test("takes its deadline back when the step ends, and keeps nothing for later", arguments: [true, false])
    func deadlineIsTakenBack(byUnshielding: Bool) {
        let (held, takenBack, cancelled) = (Counter(), Counter(), Counter())
        control.attach { _ in ((), { cancelled.increment() }) }
        let isTooLate = control.shield { _ in
            held.increment()
            return { takenBack.increment() }
        }
        #expect(!isTooLate)
        control.stop(.cancelled(reason: nil))
        control.cancelUnexplained()
        #expect(held.value == 1 && takenBack.value == 0 && cancelled.value == 0)
        if byUnshielding { control.unshield() } else { control.detach() }
        #expect(takenBack.value == 1)
        control.unshield()
        #expect(held.value == 1 && takenBack.value == 1 && cancelled.value == (byUnshielding ? 2 : 0))
        #expect(control.shield())
    }

    @Test("goes again for the next attempt, with the same patience")
    func nextAttempt() {
        let (held, cancelled) = (Counter(), Counter())
        control.attach { _ in ((), { cancelled.increment() }) }
        _ = control.shield { lift in
            held.increment()
            lift()
            return {}
        }
        control.pauseShield()
        control.shieldAgain()
        control.stop(.timedOut)
        #expect(held.value == 1 && cancelled.value == 1)
    }
}
