import CanoCore
import CanoPrimitives
import CanoTesting
import RuleFixture
import Synchronization

extension OwnershipTests {
    func twoResumes() async throws -> Facts {
        var facts: Facts = [:]
        try await handBackInThird()
        let rows = try await log.rows(of: "r")
        let (isLoserThere, isWinnerDone) = (Gate(), Gate())
        let loser = Workflow.bookings(
            journal,
            third: { _ in
                isLoserThere.open()
                await isWinnerDone.pass()
                return .third
            })
        async let lost = outcome(of: loser, .resumed(rows: rows), store: log)
        await isLoserThere.pass()
        let stop = RunControl()
        let winner = Workflow.bookings(
            journal,
            third: { context in
                if context.visit == 4 { stop.stop(.handBack) }
                return .third
            })
        let won = try await winner.drive(
            Run(id: "r", start: .resumed(rows: rows), control: stop), in: WorkflowRuntime(checkpoints: log))
        facts["the winner's outcome"] = won
        let written = try await log.rows(of: "r")
        facts["the winner wrote one row"] = written.last?.sequence == rows.last.map { $0.sequence + 1 }
        isWinnerDone.open()
        let result = await lost
        let error = caught { try result.get() }
        facts["code"] = error?.code
        facts["rollback"] = error?.rollback
        facts["undone"] = undone
        facts["the log is the winner's"] = try await log.rows(of: "r") == written
        return facts
    }

    func twoFailingResumes() async throws -> Facts {
        var facts: Facts = [:]
        try await handBackInThird()
        let rows = try await log.rows(of: "r")
        let workflow = Workflow.bookings(journal)
        // The winner's rollback has begun, with the very row that the loser is about to write.
        let winner = DyingStore(log, dyingAt: 0, writesLast: true)
        facts["the winner's outcome"] = try await outcome(of: workflow, .resumed(rows: rows), store: winner).get()
        let error = await caught { try await outcome(of: workflow, .resumed(rows: rows), store: log).get() }
        facts["code"] = error?.code
        facts["rollback"] = error?.rollback
        facts["states of causes"] = error?.causes.map(\.state)
        facts["undone"] = undone
        facts["last row"] = try await log.rows(of: "r").last?.kind
        let failure = await caught {
            try await workflow.orchestrate(resuming: "r", in: WorkflowRuntime(checkpoints: log))
        }
        facts["rollback of the next resume"] = failure?.rollback
        facts["undone by the next resume"] = undone.count
        return facts
    }

    func outages() async throws -> Facts {
        var facts: Facts = [:]
        let outages = Mutex(0)
        let store = RefusingStore(log) { _ in
            struct Away: Error {}
            return outages.withLock { count in
                count += 1
                return count % 3 == 0 ? nil : Away()
            }
        }
        let runtime = WorkflowRuntime(clock: InstantClock(), checkpoints: store)
        facts["end"] = try await Workflow.bookings(journal, third: { _ in .done }).orchestrate(from: .first, as: "r", in: runtime)
        facts["undone"] = undone
        let error = await caught {
            try await Workflow.bookings(journal).orchestrate(from: .first, as: "q", in: runtime)
        }
        facts["rollback"] = error?.rollback
        facts["undone of a failed run"] = undone
        return facts
    }

    func ambiguous() async throws -> Facts {
        let log = log
        let store = AmbiguousStore(log)
        let runtime = WorkflowRuntime(clock: InstantClock(), checkpoints: store)
        let rows = Journal<[Int]>()
        let workflow = Workflow.bookings(
            journal,
            third: { _ in
                rows.add(try await log.rows(of: "r").map(\.sequence))
                return .done
            })
        return [
            "end": try await workflow.orchestrate(from: .first, as: "r", in: runtime), "numbers in the third state": rows.entries.first,
            "repeated appends": store.repeats,
        ]
    }
}
