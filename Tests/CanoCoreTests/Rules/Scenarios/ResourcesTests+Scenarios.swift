import CanoCore
import CanoPrimitives
import CanoTesting
import RuleFixture
import Testing

extension ResourcesTests {
    func keys() async throws -> Facts {
        let found = Journal<String>()
        let resources = Resources().inserting(5, for: "number").inserting("text", for: "word")
        let workflow = workflow(resources) { context in
            found.add("\(try context[ResourceKey<Int>("number")])")
            let wrong = caught { try context[ResourceKey<Int>("word")] }
            found.add("\(wrong?.category.rawValue ?? "nothing wrong")")
            _ = try context[ResourceKey<Int>("absent")]
        }
        let error = await caught { try await workflow.orchestrate(from: .first) }
        return ["found": found.entries, "category of an absent one": error?.category]
    }

    func wrongType() throws -> Facts {
        let error = caught { _ = try Resources().inserting("text", for: "a")[ResourceKey<Int>("a")] }
        return [
            "category": error?.category, "message says String": error?.message.contains("String"),
            "message says Int": error?.message.contains("Int"),
        ]
    }

    func defaults() async throws -> Facts {
        struct Plain: Resource {}
        try await Plain().setUp()
        try await Plain().tearDown()
        return ["health": await Plain().health()]
    }

    func duplicate() -> Facts {
        let workflow = workflow(Resources().inserting(5, for: "number").inserting(6, for: "number"))
        let error = caught { try workflow.validate() }
        return ["category": error?.category, "problems": error?.causes.map(\.message)]
    }

    func order() async throws -> Facts {
        let resources = Resources().inserting(Tracked("a", journal), for: "a").inserting(Tracked("b", journal), for: "b")
        let error = await caught { try await workflow(resources) { _ in throw Mishap() }.orchestrate(from: .first) }
        return ["code": error?.code, "journal": journal.entries]
    }

    func partialSetUp() async throws -> Facts {
        let resources = Resources().inserting(Tracked("a", journal), for: "a")
            .inserting(Tracked("b", journal, fails: true), for: "b").inserting(Tracked("c", journal), for: "c")
        let error = await caught { try await workflow(resources).orchestrate(from: .first) }
        return ["code": error?.code, "journal": journal.entries]
    }

    func tearDownFails() async throws -> Facts {
        final class Stubborn: Resource {
            func tearDown() async throws { throw Mishap() }
        }
        let resources = Resources().inserting(Tracked("a", journal), for: "a").inserting(Stubborn(), for: "b")
        return ["end": try await workflow(resources).orchestrate(from: .first), "journal": journal.entries]
    }

    func tearDownAfterCancellation() async throws -> Facts {
        let (journal, started) = (journal, Gate())
        let resources = Resources().inserting(Heedful("shared", journal), for: "shared")
            .insertingPerRun(for: ResourceKey<Heedful>("own")) { _ in Heedful("own", journal) }
        let workflow = Workflow<Step>(resources: resources)
            .register(.first) { _ in
                started.open()
                try await untilCancelled()
                return .done
            }
            .addExitState(.done)
        let run = Task { try await workflow.orchestrate(from: .first) }
        await started.pass()
        run.cancel()
        let error = await caught { try await run.value }
        return ["category": error?.category, "journal": journal.entries]
    }

    func tearDownAfterCancelledSetUp() async throws -> Facts {
        struct Endless: Resource {
            let started: Gate
            func setUp() async throws {
                started.open()
                try await untilCancelled()
            }
        }
        let (journal, shared, own) = (journal, Gate(), Gate())
        let sharing = workflow(
            Resources().inserting(Heedful("shared", journal), for: "a").inserting(Endless(started: shared), for: "b"))
        let owning = workflow(
            Resources().insertingPerRun(for: ResourceKey<Heedful>("a")) { _ in Heedful("own", journal) }
                .insertingPerRun(for: ResourceKey<Endless>("b")) { _ in Endless(started: own) })
        var failed = 0
        for (workflow, started) in [(sharing, shared), (owning, own)] {
            let run = Task { try await workflow.orchestrate(from: .first) }
            await started.pass()
            run.cancel()
            if await caught({ try await run.value }) != nil { failed += 1 }
        }
        return ["runs that failed": failed, "journal": journal.entries]
    }

    func shared() async throws -> Facts {
        var facts: Facts = [:]
        let gate = Gate()
        let inside = Counter()
        let resources = Resources().inserting(Tracked("a", journal), for: "a")
        let workflow = Workflow<Step>(resources: resources)
            .register(.first) { _ in
                if inside.increment() == 20 { gate.open() }
                await gate.pass()
                return .done
            }
            .addExitState(.done)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 { group.addTask { _ = try await workflow.orchestrate(from: .first) } }
            try await group.waitForAll()
        }
        facts["journal of twenty runs"] = journal.entries
        _ = try await workflow.orchestrate(from: .first)
        facts["journal with one more"] = journal.entries
        return facts
    }

    func validation() async throws -> Facts {
        var facts: Facts = [:]
        let empty = await caught { try await Workflow<Step>().orchestrate(from: .first) }
        facts["category of an empty workflow"] = empty?.category
        facts["problems"] = empty?.causes.count
        let start = await caught { try await workflow(Resources()).orchestrate(from: .third) }
        facts["category of a bad start"] = start?.category
        facts["state of a bad start"] = start?.state
        return facts
    }
}
