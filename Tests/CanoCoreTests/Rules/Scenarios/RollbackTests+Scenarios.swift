import CanoCore
import CanoPrimitives
import CanoTesting
import Metrics
import MetricsTestKit
import RuleFixture
import Testing

extension RollbackTests {
    func emptyStack() async throws -> Facts {
        let error = await failure(of: .bookings(journal) { first, _ in first.booking = { _ in throw Mishap() } })
        return ["code": error?.code, "rollback": error?.rollback, "is resumable": error?.rollback.isResumable, "kinds": try await kinds()]
    }

    func clean(isLogged: Bool) async throws -> Facts {
        let error = await failure(of: .bookings(journal), in: isLogged ? runtime : WorkflowRuntime(observers: [observer]))
        return [
            "journal": journal.entries == ["r/first/1", "r/second/2"] + both, "code": error?.code, "state": error?.state,
            "rollback": error?.rollback, "is resumable": error?.rollback.isResumable, "log": try await store.rows(of: "r"),
        ]
    }

    func missingState() async throws -> Facts {
        let workflow = Workflow<Step>().register(.first, Booking("book", then: .third, journal)).addExitState(.done)
        let error = await failure(of: workflow)
        return ["category": error?.category, "undone": undone]
    }

    func retried() async throws -> Facts {
        let attempts = Counter()
        let error = await failure(
            of: .bookings(journal) { _, second in
                second.compensationConfig = TaskConfig(retry: .fixed(retries: 2, delay: .seconds(1)))
                second.undoing = { _, _ in if attempts.increment() < 3 { throw Mishap() } }
            })
        return [
            "rollback": error?.rollback, "undone": undone, "time": clock.now.nanoseconds,
            "taskRetried events": observer.summary.filter { $0.hasPrefix("taskRetried") },
        ]
    }

    func compensationAttemptTimeout() async throws -> Facts {
        let error = await failure(
            of: .bookings(journal) { _, second in
                second.compensationConfig.attemptTimeout = .seconds(1)
                second.undoing = { _, _ in try await untilCancelled() }
            })
        return ["category": error?.category, "causes by category": error?.causes.map(\.category), "undone": undone]
    }

    func budget(timeout: Int, budget: Int) async -> Facts {
        let error = await cutOff(after: .seconds(budget), timeout: .seconds(timeout))
        return ["causes": error?.causes.map(\.category)]
    }

    func ownBudget(timeout: Duration?) async -> Facts {
        let error = await cutOff(after: .seconds(7), timeout: timeout, compensationTimeout: .seconds(7))
        return ["causes": error?.causes.map(\.category)]
    }

    func outOfTime() async -> Facts {
        let error = await cutOff(after: .seconds(5), timeout: nil, compensationTimeout: .seconds(5))
        let orphan = error?.causes.first { $0.category == .orphanedCompensation }?.underlying as? OrphanedOutput
        return [
            "orphan": orphan, "last cause says how many are left": error?.causes.last?.message.contains("left to undo: 1"),
            "rollback": error?.rollback, "undone": undone,
        ]
    }

    func partial() async throws -> Facts {
        let error = await failure(
            of: .bookings(journal) { _, second in second.undoing = { _, _ in throw Mishap(code: "no_refund") } })
        return [
            "category": error?.category, "causes by code": error?.causes.map(\.code), "task of the last cause": error?.causes.last?.task,
            "rollback": error?.rollback, "undone": undone, "last rows": try await kinds().suffix(2),
        ]
    }

    func nested() async throws -> Facts {
        let inner = Journal<String>()
        let innerWorkflow = Workflow.bookings(inner) { _, second in
            second.undoing = { _, _ in throw Mishap(code: "inner_no_refund") }
        }
        let error = await failure(
            of: .bookings(journal) { first, second in
                second.undoing = { _, _ in _ = try await innerWorkflow.orchestrate(from: .first) }
                first.undoing = { _, _ in throw Mishap(code: "no_refund") }
            })
        return [
            "category": error?.category, "causes by code": error?.causes.map(\.code),
            "no cause is a list itself": error?.causes.allSatisfy { $0.category != .compensationFailed },
        ]
    }

    func resumedRollback() async throws -> Facts {
        let isBroken = Counter()
        let workflow = Workflow.bookings(journal) { _, second in
            second.undoing = { _, _ in if isBroken.increment() == 1 { throw Mishap(code: "no_refund") } }
        }
        _ = await failure(of: workflow)
        observer.clear()
        let error = await caught { try await workflow.orchestrate(resuming: "r", in: runtime) }
        return [
            "code": error?.code, "state": error?.state, "path": error?.path, "rollback": error?.rollback,
            "end of journal": journal.entries.suffix(2), "events": observer.summary,
            "log": try await store.rows(of: "r"),
        ]
    }

    func orphan() async throws -> Facts {
        _ = await failure(
            of: .bookings(journal) { first, second in
                first.undoing = { _, _ in throw Mishap() }
                second.undoing = { _, _ in throw Mishap() }
            })
        let renamed = Workflow.bookings(journal).register(.second, Booking("renamed", then: .third, journal))
        let error = await caught { try await renamed.orchestrate(resuming: "r", in: runtime) }
        return ["causes": error?.causes.map(\.category), "orphan": error?.causes.last?.underlying as? OrphanedOutput, "undone": undone]
    }

    func undecodable() async throws -> Facts {
        struct Other: CompensatableTask {
            let name = "book-second"
            func run(_ context: TaskContext<Step>) async throws -> (next: Step, receipt: [String]) { (.third, []) }
            func compensate(_ context: TaskContext<Step>, _ output: [String]) async throws {}
        }
        _ = await failure(
            of: .bookings(journal) { first, second in
                first.undoing = { _, _ in throw Mishap() }
                second.undoing = { _, _ in throw Mishap() }
            })
        let error = await caught {
            try await Workflow.bookings(journal).register(.second, Other()).orchestrate(resuming: "r", in: runtime)
        }
        return ["last cause speaks of stored bytes": error?.causes.last?.message.contains("stored bytes"), "undone": undone]
    }

    func unknownCompensation() async throws -> Facts {
        let stop = RunControl()
        let workflow = Workflow.bookings(
            journal,
            third: { _ in
                stop.stop(.handBack)
                return .done
            })
        _ = try await workflow.drive(Run(id: "r", start: .fresh(.first), control: stop), in: runtime)
        let rows = try await store.rows(of: "r")
        let renamed = workflow.register(.second, Booking("renamed", then: .third, journal))
        let error = await caught { try await renamed.orchestrate(resuming: "r", in: runtime) }
        return ["code": error?.code, "task": error?.task, "undone": undone, "log is left alone": try await store.rows(of: "r") == rows]
    }

    func cancelledRollback(byControl: Bool) async throws -> Facts {
        let (control, entered, gate) = (RunControl(), Gate(), Gate())
        let workflow = Workflow.bookings(journal) { _, second in
            second.undoing = { _, _ in
                entered.open()
                await gate.pass()
                try Task.checkCancellation()
            }
        }
        let runtime = runtime
        let run = Task {
            try await workflow.drive(Run(id: "r", start: .fresh(.first), control: byControl ? control : nil), in: runtime)
        }
        await entered.pass()
        if byControl { control.stop(.cancelled(reason: nil)) } else { run.cancel() }
        gate.open()
        let error = await caught { _ = try await run.value }
        return ["code": error?.code, "rollback": error?.rollback, "undone": undone]
    }

    func cancelledRun() async throws -> Facts {
        let control = RunControl()
        let workflow = Workflow.bookings(
            journal, adapt: { _, second in second.undoing = { context, _ in try await context.sleep(for: .seconds(1)) } },
            third: { _ in
                control.stop(.cancelled(reason: "enough"))
                try await untilCancelled()
                return .done
            })
        let runtime = runtime
        let error = await caught {
            try await clock.skippingWaits { try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control), in: runtime) }
        }
        return ["category": error?.category, "rollback": error?.rollback, "undone": undone]
    }

    func cancelledPartial() async throws -> Facts {
        let control = RunControl()
        let workflow = Workflow.bookings(
            journal, adapt: { _, second in second.undoing = { _, _ in throw Mishap() } },
            third: { _ in
                control.stop(.cancelled(reason: nil))
                try await untilCancelled()
                return .done
            })
        let error = await caught {
            try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control), in: runtime)
        }
        return [
            "category": error?.category, "first cause": error?.causes.first?.category,
            "log is empty": try await store.rows(of: "r").isEmpty,
        ]
    }

    func metrics() async throws -> Facts {
        let backend = TestMetrics()
        let runtime = withMetricsFactory(backend) { WorkflowRuntime(observers: [MetricsObserver()]) }
        let workflow = Workflow.bookings(journal) { _, second in second.undoing = { _, _ in throw Mishap() } }
        _ = await #expect(throws: CanoError.self) { try await workflow.orchestrate(from: .first, in: runtime) }
        _ = await #expect(throws: CanoError.self) { try await Workflow.bookings(journal).orchestrate(from: .first, in: runtime) }
        func count(_ name: String, _ labels: (String, String)...) throws -> Int64 { try backend.expectCounter(name, labels).totalValue }
        return [
            "compensations_run_total ok": try count("cano_compensations_run_total", ("result", "ok")),
            "compensations_run_total err": try count("cano_compensations_run_total", ("result", "err")),
            "compensation_drains_total clean": try count("cano_compensation_drains_total", ("outcome", "clean")),
            "compensation_drains_total partial": try count("cano_compensation_drains_total", ("outcome", "partial")),
            "observed_compensations_total book-first completed": try count(
                "cano_observed_compensations_total", ("task", "book-first"), ("outcome", "completed")),
            "observed_compensations_total book-second failed": try count(
                "cano_observed_compensations_total", ("task", "book-second"), ("outcome", "failed")),
        ]
    }
}
