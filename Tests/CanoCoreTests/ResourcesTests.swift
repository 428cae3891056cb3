import CanoCore
import CanoTesting
import Testing

@Suite struct ResourcesTests {
    final class Tracked: Resource {
        let name: String
        let journal: Journal<String>
        let fails: Bool

        init(_ name: String, _ journal: Journal<String>, fails: Bool = false) {
            self.name = name
            self.journal = journal
            self.fails = fails
        }

        func setUp() async throws {
            journal.add("up \(name)")
            if fails { throw Mishap() }
        }

        func tearDown() async throws {
            journal.add("down \(name)")
            if fails { throw Mishap() }
        }
    }

    let journal = Journal<String>()

    private func workflow(_ resources: Resources, _ body: @escaping @Sendable (TaskContext) throws -> Void = { _ in }) -> Workflow<Step> {
        Workflow<Step>(resources: resources)
            .register(.first, config: .minimal) { context in
                try body(context)
                return .done
            }
            .addExitState(.done)
    }

    @Test("RE-1: resources by typed key; wrong keys and types are errors that say so")
    func keys() async throws {
        let resources = Resources().inserting(5, for: "number").inserting("text", for: "word")
        let workflow = workflow(resources) { context in
            #expect(try context[ResourceKey<Int>("number")] == 5)
            #expect(throws: CanoError.self) { try context[ResourceKey<Int>("word")] }
            _ = try context[ResourceKey<Int>("absent")]
        }
        let error = await #expect(throws: CanoError.self) { try await workflow.orchestrate(from: .first) }
        #expect(error?.category == .resourceNotFound)
    }

    @Test("RE-1: the error of a wrong type says both types")
    func wrongType() throws {
        let error = #expect(throws: CanoError.self) { _ = try Resources().inserting("text", for: "a")[ResourceKey<Int>("a")] }
        #expect(error?.category == .resourceTypeMismatch)
        #expect(error?.message.contains("String") == true && error?.message.contains("Int") == true)
    }

    @Test("RE-2: a resource without a lifecycle of its own does nothing and is healthy")
    func defaults() async throws {
        struct Plain: Resource {}
        try await Plain().setUp()
        try await Plain().tearDown()
        #expect(await Plain().health() == .healthy)
    }

    @Test("RE-1 changed: a second resource under one key is found by validation")
    func duplicate() {
        let workflow = workflow(Resources().inserting(5, for: "number").inserting(6, for: "number"))
        #expect(throws: CanoError.self) { try workflow.validate() }
    }

    @Test("RE-3, RE-4: set up in order, torn down in reverse, also after a failure")
    func order() async throws {
        let resources = Resources().inserting(Tracked("a", journal), for: "a").inserting(Tracked("b", journal), for: "b")
        await #expect(throws: CanoError.self) { try await workflow(resources) { _ in throw Mishap() }.orchestrate(from: .first) }
        #expect(journal.entries == ["up a", "up b", "down b", "down a"])
    }

    @Test("RE-3: when one cannot be set up, those before it are torn down and nothing runs")
    func partialSetUp() async throws {
        let resources = Resources().inserting(Tracked("a", journal), for: "a")
            .inserting(Tracked("b", journal, fails: true), for: "b").inserting(Tracked("c", journal), for: "c")
        let error = await #expect(throws: CanoError.self) { try await workflow(resources).orchestrate(from: .first) }
        #expect(error?.code == "mishap")
        #expect(journal.entries == ["up a", "up b", "down a"])
    }

    @Test("RE-4: an error in a tear-down does not keep the others up")
    func tearDownFails() async throws {
        final class Stubborn: Resource {
            func tearDown() async throws { throw Mishap() }
        }
        let resources = Resources().inserting(Tracked("a", journal), for: "a").inserting(Stubborn(), for: "b")
        #expect(try await workflow(resources).orchestrate(from: .first) == .done)
        #expect(journal.entries == ["up a", "down a"])
    }

    /// Gives nothing back once it is cancelled.
    private final class Heedful: Resource {
        let name: String
        let journal: Journal<String>

        init(_ name: String, _ journal: Journal<String>) {
            self.name = name
            self.journal = journal
        }

        func tearDown() async throws {
            try Task.checkCancellation()
            journal.add("down \(name)")
        }
    }

    @Test("RE-4, WB-7: a cancelled run tears down what it shares and what was made for it, and its cancellation reaches neither")
    func tearDownAfterCancellation() async throws {
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
        let error = await #expect(throws: CanoError.self) { try await run.value }
        #expect(error?.category == .cancelled)
        #expect(journal.entries == ["down own", "down shared"])
    }

    @Test("RE-3: a cancellation while setting up does not reach the tear-down of those set up before")
    func tearDownAfterCancelledSetUp() async throws {
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
        for (workflow, started) in [(sharing, shared), (owning, own)] {
            let run = Task { try await workflow.orchestrate(from: .first) }
            await started.pass()
            run.cancel()
            await #expect(throws: CanoError.self) { try await run.value }
        }
        #expect(journal.entries == ["down shared", "down own"])
    }

    @Test("WB-8 changed: concurrent runs share one set-up and one tear-down")
    func shared() async throws {
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
        #expect(journal.entries == ["up a", "down a"])
        _ = try await workflow.orchestrate(from: .first)
        #expect(journal.entries == ["up a", "down a", "up a", "down a"])
    }

    @Test("WB-4, WB-5: validation names every problem; a bad start is refused before anything runs")
    func validation() async throws {
        let empty = await #expect(throws: CanoError.self) { try await Workflow<Step>().orchestrate(from: .first) }
        #expect(empty?.category == .configuration)
        #expect(empty?.causes.count == 2)
        let start = await #expect(throws: CanoError.self) { try await workflow(Resources()).orchestrate(from: .third) }
        #expect(start?.category == .configuration)
        #expect(start?.state == nil)
    }

    @Test("each run gets its own value, made, set up and torn down for it")
    func perRun() async throws {
        let made = Journal<String>()
        let journal = journal
        let resources = Resources().insertingPerRun(for: ResourceKey<Tracked>("own")) { run in
            made.add("\(run)")
            return Tracked("\(run)", journal)
        }
        let names = Journal<String>()
        let workflow = workflow(resources) { context in names.add(try context[ResourceKey<Tracked>("own")].name) }
        for run in ["a", "b"] { _ = try await workflow.orchestrate(from: .first, as: RunID(run)) }
        #expect(made.entries == ["a", "b"])
        #expect(names.entries == ["a", "b"])
        #expect(journal.entries == ["up a", "down a", "up b", "down b"])
    }

    @Test("a value that cannot be made for a run fails the run before its first state")
    func perRunFails() async throws {
        let observer = RecordingObserver()
        let journal = journal
        let resources = Resources()
            .insertingPerRun(for: ResourceKey<Tracked>("good")) { _ in Tracked("good", journal) }
            .insertingPerRun(for: ResourceKey<Int>("bad")) { _ in throw Mishap() }
        let error = await #expect(throws: CanoError.self) {
            try await workflow(resources).orchestrate(from: .first, in: WorkflowRuntime(observers: [observer]))
        }
        #expect(error?.code == "mishap")
        #expect(observer.events.isEmpty)
        #expect(journal.entries == ["up good", "down good"])
    }

    @Test("a group of resources builds itself, or says which one is missing")
    func groups() async throws {
        struct Pair: FromResources {
            let number: Int
            let word: String
            init(from resources: Resources) throws(CanoError) {
                number = try resources[ResourceKey("number")]
                word = try resources[ResourceKey("word")]
            }
        }
        let context = TaskContext(resources: Resources().inserting(5, for: "number").inserting("text", for: "word"))
        #expect(try context.resources(Pair.self).number == 5)
        let error = #expect(throws: CanoError.self) { try TaskContext().resources(Pair.self) }
        #expect(error?.category == .resourceNotFound)
    }
}
