import CanoCore
import CanoPrimitives
import CanoTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct ResourcesTests {
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

    func workflow(_ resources: Resources, _ body: @escaping @Sendable (TaskContext<Step>) throws -> Void = { _ in }) -> Workflow<Step> {
        Workflow<Step>(resources: resources)
            .register(.first, config: .minimal) { context in
                try body(context)
                return .done
            }
            .addExitState(.done)
    }

    /// Gives nothing back once it is cancelled.
    final class Heedful: Resource {
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

    @Test("what several workflows share is set up once, by the first that needs it, and torn down after the last")
    func sharedByWorkflows() async throws {
        let client = TestResource()
        let resources = Resources().inserting(client, for: "client")
        let (orders, refunds) = (workflow(resources), workflow(resources))
        try await orders.setUpResources()
        try await refunds.setUpResources()
        _ = try await refunds.orchestrate(from: .first)
        await orders.tearDownResources()
        #expect(client.setUps == 1 && client.isUp)
        await refunds.tearDownResources()
        #expect(client.setUps == 1 && client.tearDowns == 1)
    }

    @Test("a resource that cannot be torn down keeps no run from its end")
    func failingTearDown() async throws {
        let client = TestResource(failingTearDown: Mishap())
        #expect(try await workflow(Resources().inserting(client, for: "client")).orchestrate(from: .first) == .done)
        #expect(client.tearDowns == 1)
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

    @Test("each resource is found by its name, of few as of many", arguments: [1, 4, 5, 40])
    func foundByName(count: Int) throws {
        let keys = (0..<count).map { ResourceKey<Int>("resource \($0)") }
        let resources = keys.enumerated().reduce(Resources()) { $0.inserting($1.offset, for: $1.element) }
        #expect(try keys.map { try resources[$0] } == Array(0..<count))
        #expect(throws: CanoError.self) { try resources[ResourceKey<Int>("another")] }
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
        let context = TaskContext<Step>(resources: Resources().inserting(5, for: "number").inserting("text", for: "word"))
        #expect(try context.resources(Pair.self).number == 5)
        let error = #expect(throws: CanoError.self) { try TaskContext<Step>().resources(Pair.self) }
        #expect(error?.category == .resourceNotFound)
    }

    /// Is set up once its gate is open.
    final class Slow: Resource {
        let gate: Gate
        let isAsked = Gate()

        init(_ gate: Gate) { self.gate = gate }

        func setUp() async throws {
            isAsked.open()
            await withTaskCancellationHandler {
                await gate.pass()
            } onCancel: {
                gate.open()
            }
            try Task.checkCancellation()
        }
    }

    @Test("a run that is cancelled while a resource is set up has been cancelled")
    func cancelledInSetUp() async throws {
        let slow = Slow(Gate())
        let workflow = workflow(Resources().inserting(slow, for: "slow"))
        let run = Task { try await workflow.orchestrate(from: .first) }
        await slow.isAsked.pass()
        run.cancel()
        #expect(await caught { try await run.value }?.category == .cancelled)
        #expect(try await workflow.orchestrate(from: .first) == .done)
    }

    @Test(
        "a run that is stopped by its handle while a resource is set up ends at once",
        arguments: [StopReason.cancelled(reason: nil), .handBack])
    func stoppedInSetUp(reason: StopReason) async throws {
        let slow = Slow(Gate())
        let workflow = Workflow<Step>(
            "slow", startingAt: .first, states: [.first, .done], resources: Resources().inserting(slow, for: "slow")
        ) {
            $0 == .done ? .exit : .task { _ in .done }
        }
        let run = workflow.start()
        await slow.isAsked.pass()
        run.stop(reason)
        #expect(await caught { try await run.exitState() }?.code == (reason == .handBack ? "relinquished" : "cancelled"))
    }

    @Test("a run that waits while another one sets the resources up can be cancelled")
    func cancelledWaiting() async throws {
        let slow = Slow(Gate())
        let workflow = workflow(Resources().inserting(slow, for: "slow"))
        let first = Task { try await workflow.orchestrate(from: .first) }
        await slow.isAsked.pass()
        let second = Task { try await workflow.orchestrate(from: .first) }
        for _ in 0..<50 { await Task.yield() }
        second.cancel()
        #expect(await caught { try await second.value }?.category == .cancelled)
        slow.gate.open()
        #expect(try await first.value == .done)
    }

    @Test("a run that is stopped while a resource is made for it ends as it was stopped")
    func stoppedInTheMaking() async throws {
        for reason in [StopReason.cancelled(reason: "enough"), .timedOut, .handBack] {
            let (asked, control) = (Gate(), RunControl())
            let workflow = workflow(
                Resources().insertingPerRun(for: ResourceKey<Int>("made")) { _ in
                    asked.open()
                    try await untilCancelled()
                    return 1
                })
            let run = Task { try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control), in: .standard) }
            await asked.pass()
            control.stop(reason)
            switch reason {
            case .handBack:
                guard case .relinquished(.handBack) = try await run.value else { return #expect(Bool(false)) }
            case .timedOut: #expect(await caught { try await run.value }?.category == .workflowTimeout)
            default: #expect(await caught { try await run.value }?.category == .cancelled)
            }
        }
    }
}
