import CanoCore
import CanoPrimitives
import CanoTesting
import Testing

/// Tasks with steps to undo.
extension AbandonmentTests {
    @Test("does not keep finished steps from being undone")
    func undone() async throws {
        let journal = Journal<String>()
        let deaf = deaf
        let workflow = Workflow.bookings(
            journal,
            third: { context in
                await deaf(context.store)
                return .done
            })
        let control = RunControl()
        let runtime = runtime
        let run = Task { try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control), in: runtime) }
        await isDeaf.pass()
        control.stop(.cancelled(reason: nil))
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 10_000_000_000))
        clock.advance(by: .seconds(10))
        let error = await caught { try await run.value }
        #expect(error?.category == .cancelled && error?.rollback == .clean)
        #expect(journal.entries.suffix(2) == ["r/second/2/compensation 20", "r/first/1/compensation 10"])
        gate.open()
    }

    @Test("is in doubt when it could have been undone: it gets a minute first, and the rollback is called partial")
    func inDoubt() async throws {
        let journal = Journal<String>()
        let deaf = deaf
        let workflow = Workflow.bookings(journal) { _, second in second.booking = { context in await deaf(context.store) } }
        let store = InMemoryCheckpointStore()
        var runtime = runtime
        runtime.checkpoints = store
        let settings = runtime
        let control = RunControl()
        let run = Task { try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control), in: settings) }
        await isDeaf.pass()
        control.stop(.cancelled(reason: nil))
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 60_000_000_000))
        #expect(observer.summary.last == "taskStarted second book-second")
        clock.advance(by: .seconds(60))
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 70_000_000_000))
        clock.advance(by: .seconds(10))
        let error = await caught { try await run.value }
        #expect(error?.category == .compensationFailed && error?.rollback == .partial)
        #expect(error?.causes.map(\.category) == [.cancelled, .timeout])
        #expect(error?.causes.last?.code == "step_in_doubt" && error?.causes.last?.task == "book-second")
        #expect(journal.entries == ["r/first/1", "r/first/1/compensation 10"])
        gate.open()
        await late.pass()
        #expect(!observer.summary.contains("taskSucceeded second book-second"))
        // A resume that goes on with the rollback doesn't call it clean either.
        let again = await caught { try await workflow.orchestrate(resuming: "r", in: settings) }
        #expect(again?.rollback == .partial && again?.causes.last?.code == "step_in_doubt")
    }

    @Test("is waited for while it can be undone and ends in time: it is undone then")
    func endsInTime() async throws {
        let journal = Journal<String>()
        let deaf = deaf
        let workflow = Workflow.bookings(journal) { _, second in second.booking = { context in await deaf(context.store) } }
        let control = RunControl()
        let runtime = runtime
        let run = Task { try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control), in: runtime) }
        await isDeaf.pass()
        control.stop(.cancelled(reason: nil))
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 60_000_000_000))
        clock.advance(by: .seconds(59))
        gate.open()
        let error = await caught { try await run.value }
        #expect(error?.category == .cancelled && error?.rollback == .clean)
        #expect(journal.entries.suffix(2) == ["r/second/2/compensation 20", "r/first/1/compensation 10"])
    }

    // MARK: Whose doubt it is

    /// A workflow whose saga step ignores its timeout, and so ends in doubt.
    func doubtful() -> Workflow<Step> {
        let deaf = deaf
        return .bookings(Journal()) { first, _ in
            first.config = TaskConfig(retry: .none, attemptTimeout: .seconds(1), abandonAfter: .seconds(1))
            first.booking = { context in await deaf(context.store) }
        }
    }

    @Test("is in doubt in the run whose step it was, and not in one around it, which is undone clean", arguments: [false, true])
    func innerDoubt(isResumed: Bool) async throws {
        let journal = Journal<String>()
        let undoings = Counter()
        let (inner, clock) = (doubtful(), clock)
        var outside = runtime
        outside.checkpoints = InMemoryCheckpointStore()
        let (runtime, inside) = (outside, runtime)
        let workflow = Workflow.bookings(
            journal,
            adapt: { first, _ in
                // Other names than those of the inner workflow.
                first = Booking("book-outside", then: .second, journal)
                first.undoing = { _, _ in if isResumed, undoings.increment() == 1 { throw Mishap() } }
            },
            third: { _ in try await inner.orchestrate(from: .first, as: "inner", in: inside) })
        var error = await caught {
            try await clock.skippingWaits { try await workflow.orchestrate(from: .first, as: "r", in: runtime) }
        }
        if isResumed {
            #expect(error?.rollback == .partial)
            error = await caught { try await workflow.orchestrate(resuming: "r", in: runtime) }
        }
        #expect(error?.rollback == .clean)
        #expect(error?.causes.contains { $0.code == "step_in_doubt" } == true)
        gate.open()
    }

    @Test("is in doubt however much its failure follows from")
    func doubtBesideManyCauses() async throws {
        let (deaf, clock) = (deaf, clock)
        let causes = (0...100).map { CanoError(.generic, "cause \($0)") }
        let workflow = Workflow.bookings(Journal()) { _, second in
            second.config = TaskConfig(retry: .fixed(retries: 1, delay: .zero), attemptTimeout: .seconds(1), abandonAfter: .seconds(1))
            second.booking = { context in
                if context.attempt == 1 { await deaf(context.store) }
                throw CanoError(.generic, "many", isRetryable: false, causes: causes)
            }
        }
        var settings = runtime
        settings.checkpoints = InMemoryCheckpointStore()
        let runtime = settings
        let error = await caught {
            try await clock.skippingWaits { try await workflow.orchestrate(from: .first, as: "r", in: runtime) }
        }
        #expect(error?.rollback == .partial)
        #expect(error?.causes.first?.message == "many" && error?.causes.last?.code == "step_in_doubt")
        let again = await caught { try await workflow.orchestrate(resuming: "r", in: runtime) }
        #expect(again?.rollback == .partial && again?.causes.last?.code == "step_in_doubt")
        // The two errors themselves leave room for 98.
        #expect(error?.causes.first?.omittedCauses == 3 && again?.causes.first?.omittedCauses == 3)
        gate.open()
    }
}
