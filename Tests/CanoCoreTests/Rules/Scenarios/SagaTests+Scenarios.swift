import CanoCore
import CanoPrimitives
import CanoTesting
import MetricsTestKit
import RuleFixture

extension SagaTests {
    func names() throws -> Facts {
        var facts: Facts = [:]
        let (one, other) = (Booking("book", then: .second, journal), Booking("book", then: .done, journal))
        let error = caught {
            try Workflow<Step>().register(.first, one).register(.second, other).register(.third) { _ in .done }.addExitState(.done)
                .validate()
        }
        facts["message names both states"] = error?.message.contains("first, second are all called \"book\"")
        let nameless = caught {
            try Workflow<Step>().register(.first, Booking("", then: .done, journal)).register(.second) { _ in .done }
                .register(.third) { _ in .done }.addExitState(.done).validate()
        }
        facts["message of no name says so"] = nameless?.message.contains("has no name")
        return facts
    }

    func reregistering() async throws -> Facts {
        let workflow = Workflow.bookings(journal).register(.first, Booking("book-other", then: .second, journal))
            .register(.second, Booking("book-first", then: .third, journal))
        try workflow.validate()
        let error = await failure(of: workflow)
        return [
            "rollback": error?.rollback,
            "compensations started and succeeded": observer.summary.filter { $0.hasPrefix("compensationS") }.count,
        ]
    }

    func borrowedName() async throws -> Facts {
        let workflow = Workflow.bookings(journal).register(.second, Booking("book-first", then: .third, journal))
            .register(.second, Booking("book-second", then: .third, journal))
            .register(.third, Booking("book-first", then: .done, journal)).register(.third, name: "book-first", config: .minimal) { _ in
                throw Mishap()
            }
        return ["rollback": await failure(of: workflow)?.rollback, "end of journal": journal.entries.suffix(2)]
    }

    func forwardRetries() async throws -> Facts {
        let attempts = Counter()
        let workflow = Workflow.bookings(journal) { first, _ in
            first.config = TaskConfig(retry: .fixed(retries: 2, delay: .zero))
            first.booking = { _ in if attempts.increment() < 3 { throw Mishap() } }
        }
        _ = await failure(of: workflow)
        return ["attempts": attempts.value, "journal": journal.entries]
    }

    func forwardTimeout() async throws -> Facts {
        let clock = ManualClock()
        let workflow = Workflow.bookings(journal) { first, second in
            first.config.attemptTimeout = .seconds(1)
            first.undoing = { context, _ in try await context.sleep(for: .seconds(10)) }
            second.config.attemptTimeout = .seconds(1)
            second.booking = { _ in try await untilCancelled() }
        }
        let runtime = WorkflowRuntime(clock: clock, checkpoints: store)
        let error = await caught {
            try await clock.skippingWaits { try await workflow.orchestrate(from: .first, as: "r", in: runtime) }
        }
        return ["category": error?.category, "task": error?.task, "journal": journal.entries, "time": clock.now.nanoseconds]
    }

    func cancelledForward(byControl: Bool) async throws -> Facts {
        let (control, entered, gate) = (RunControl(), Gate(), Gate())
        let workflow = Workflow.bookings(journal) { _, second in
            second.booking = { _ in
                entered.open()
                await gate.pass()
                try Task.checkCancellation()
            }
        }
        let runtime = runtime
        let run = Task {
            byControl
                ? try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control), in: runtime)
                : .completed(try await workflow.orchestrate(from: .first, as: "r", in: runtime))
        }
        await entered.pass()
        if byControl { control.stop(.cancelled(reason: "enough")) } else { run.cancel() }
        gate.open()
        let error = await caught { _ = try await run.value }
        return [
            "category": error?.category, "rollback": error?.rollback, "state": error?.state, "journal": journal.entries,
            "cancellations told": observer.summary.count { $0.hasPrefix("cancelled") },
        ]
    }

    func timedOutForward() async throws -> Facts {
        let clock = ManualClock()
        let workflow = Workflow.bookings(journal) { first, _ in
            first.booking = { context in try await context.sleep(for: .seconds(60)) }
        }
        let runtime = WorkflowRuntime(clock: clock, checkpoints: store)
        let error = await caught {
            try await clock.skippingWaits {
                try await workflow.orchestrate(from: .first, as: "r", timeout: .seconds(30), in: runtime)
            }
        }
        return ["category": error?.category, "state": error?.state, "journal": journal.entries]
    }

    func cancelledAtTheEnd() async throws -> Facts {
        let control = RunControl()
        let workflow = Workflow.bookings(
            journal,
            third: { _ in
                control.stop(.cancelled(reason: nil))
                return .done
            })
        return [
            "outcome": try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control), in: runtime),
            "journal": journal.entries,
        ]
    }

    func completionRow() async throws -> Facts {
        let rows = Journal<[CheckpointRow]>()
        let (store, runtime) = (store, runtime)
        let workflow = Workflow.bookings(
            journal,
            third: { _ in
                rows.add(try await store.rows(of: "r"))
                return .done
            })
        return [
            "end": try await workflow.versioned("2").orchestrate(from: .first, as: "r", in: runtime),
            "rows in the third state": rows.entries.first?.unsigned, "journal": journal.entries,
        ]
    }

    func completionRefused() async throws -> Facts {
        let refusing = RefusingStore(store) { row in
            row.kind == .compensationCompletion && row.state == "second" ? CanoError(.store, "too large", isRetryable: false) : nil
        }
        let error = await failure(of: .bookings(journal), in: WorkflowRuntime(checkpoints: refusing))
        return ["message": error?.message, "rollback": error?.rollback, "end of journal": journal.entries.suffix(2)]
    }

    func unencodable() async throws -> Facts {
        struct Bad: CompensatableTask {
            let name = "bad"
            let journal: Journal<String>
            func run(_ context: TaskContext<Step>) async throws -> (next: Step, receipt: Double) {
                journal.add("run")
                return (.done, .nan)
            }
            func compensate(_ context: TaskContext<Step>, _ output: Double) async throws { journal.add("undo \(output)") }
        }
        let workflow = Workflow<Step>().register(.first, Bad(journal: journal)).register(.second) { _ in .done }
            .register(.third) { _ in .done }.addExitState(.done)
        let error = await failure(of: workflow)
        return ["category": error?.category, "rollback": error?.rollback, "journal": journal.entries]
    }

    func forwardError() async throws -> Facts {
        let workflow = Workflow.bookings(journal) { _, second in second.booking = { _ in throw Mishap() } }
        let error = await failure(of: workflow)
        return ["task": error?.task, "journal": journal.entries]
    }

    func noBranch() -> Facts {
        let task: any Sendable = Booking("book", then: .done, journal)
        return ["is a branch": (task is any BranchTask), "is a plain task": (task is any WorkflowTask)]
    }

    func events() async throws -> Facts {
        _ = await failure(of: .bookings(journal) { _, second in second.undoing = { _, _ in throw Mishap(code: "no_refund") } })
        return ["last events": observer.summary.suffix(7), "first events": observer.summary.prefix(4), "fifth event": observer.summary[4]]
    }
}
