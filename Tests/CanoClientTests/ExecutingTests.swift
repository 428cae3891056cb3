import CanoBridge
import CanoBridgeTesting
import CanoBus
import CanoClient
import CanoCore
import CanoTesting
import Testing

@Suite("A run that a client starts", .serialized, .timeLimit(.minutes(2)))
struct ExecutingTests {
    @Test("answers with its workflow's own types")
    func executed() async throws {
        try await withBridge {
            try $0.register(answering)
        } run: { bus in
            #expect(try await bus.execute(answering.reference, Work(answer: "tea"), id: "a") == "tea")
            let record = try #require(try await bus.record(of: "a"))
            #expect(record.status == .completed)
            #expect(record.output == #""tea""#)
            #expect(record.input == #"{"answer":"tea","times":1}"#)
            #expect(record.created ?? 0 <= record.finished ?? 0)
        }
    }

    @Test("answers with JSON where its types are not known")
    func json() async throws {
        try await withBridge {
            try $0.register(answering)
        } run: { bus in
            let answer = try await bus.execute(.json("answering"), #"{"answer":"tea","times":1}"#)
            #expect(answer.text == #""tea""#)
        }
    }

    @Test("is joined by another of the same id and input, and is not by one of another input")
    func joined() async throws {
        let gate = TestGate()
        let workflow = waiting(for: gate)
        try await withBridge {
            try $0.register(workflow)
        } run: { bus in
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 1...3 { group.addTask { try await bus.execute(workflow.reference, Work(), id: "a") } }
                try await eventually(within: .seconds(20), "the run has begun") { try await bus.record(of: "a") != nil }
                let error = await #expect(throws: ClientError.self) {
                    try await bus.execute(workflow.reference, Work(answer: "other"), id: "a")
                }
                #expect(error?.code == .otherRun)
                gate.open()
                for try await answer in group { #expect(answer == "done") }
            }
            #expect(try await bus.execute(workflow.reference, Work(), id: "a") == "done", "also after its end")
            #expect(try await bus.record(of: "a")?.epoch == 1)
        }
    }

    @Test("answers with an output that is too large for an event")
    func large() async throws {
        try await withBridge {
            try $0.register(answering)
        } run: { bus in
            let output = try await bus.execute(answering.reference, Work(answer: "x", times: 100_000))
            #expect(output == String(repeating: "x", count: 100_000))
        }
    }

    @Test("fails with what failed it")
    func failed() async throws {
        try await withBridge {
            try $0.register(answering)
        } run: { bus in
            let error = await #expect(throws: ClientError.self) {
                try await bus.execute(answering.reference, Work(answer: "fail"), id: "a")
            }
            #expect(error?.code == .runFailed)
            #expect(error?.failure?.code == "refused")
            #expect(error?.failure?.state == "work")
            let again = await #expect(throws: ClientError.self) {
                try await bus.execute(answering.reference, Work(answer: "fail"), id: "a")
            }
            #expect(again?.failure?.code == "refused", "the same when it is known already")
        }
    }

    @Test("is rejected with the reason, whether or not it was waited for from the start")
    func rejected() async throws {
        try await withBridge {
            try $0.register(answering)
        } run: { bus in
            let misfit = WorkflowReference<Int, String>("answering")
            let error = await #expect(throws: ClientError.self) { try await bus.execute(misfit, 7) }
            #expect(error?.code == .rejected)
            #expect(error?.rejection == .invalidInput)
            let run = try await bus.start(misfit, 7)
            let later = await #expect(throws: ClientError.self) { try await run.output() }
            #expect(later?.rejection == .invalidInput)
        }
    }

    @Test("can be waited for later, and by a client that knows no more than its id")
    func later() async throws {
        let gate = TestGate()
        let workflow = waiting(for: gate)
        try await withBridge {
            try $0.register(workflow)
        } run: { bus in
            let run = try await bus.start(workflow.reference, Work(answer: "tea"), id: "a")
            let elsewhere = bus.run("a", of: workflow.reference)
            try await eventually(within: .seconds(20), "the run has begun") { try await run.record() != nil }
            let error = await #expect(throws: ClientError.self) { try await elsewhere.output(within: .milliseconds(1)) }
            #expect(error?.code == .timedOut)
            gate.open()
            #expect(try await run.output() == "tea")
            #expect(try await elsewhere.output() == "tea")
            let nobody = await #expect(throws: ClientError.self) { try await bus.run("nobody", of: workflow.reference).output() }
            #expect(nobody?.code == .unknownRun)
        }
    }

    @Test("is no longer waited for when the time is over, and goes on")
    func timedOut() async throws {
        let gate = TestGate()
        let workflow = waiting(for: gate)
        try await withBridge {
            try $0.register(workflow)
        } run: { bus in
            let error = await #expect(throws: ClientError.self) {
                try await bus.execute(workflow.reference, Work(), id: "a", within: .milliseconds(200))
            }
            #expect(error?.code == .timedOut)
            gate.open()
            let answer = try await bus.execute(workflow.reference, Work(), id: "a")
            #expect(answer == "done")
        }
    }

    @Test("is cancelled, and says why")
    func cancelled() async throws {
        let workflow = waiting(for: TestGate())
        try await withBridge {
            try $0.register(workflow)
        } run: { bus in
            let run = try await bus.start(workflow.reference, Work(), id: "a")
            try await eventually(within: .seconds(20), "the run has begun") { try await run.record()?.status == .running }
            try await bus.cancelAndWait("a", reason: "sold out")
            let error = await #expect(throws: ClientError.self) { try await run.output() }
            #expect(error?.code == .runCancelled)
            #expect(error?.message.contains("sold out") == true)
            let unknown = await #expect(throws: ClientError.self) { try await bus.cancelAndWait("nobody") }
            #expect(unknown?.rejection == .unknownRun)
        }
    }

    @Test("is not cancelled once it has completed, which is told")
    func cancelledTooLate() async throws {
        try await withBridge {
            try $0.register(answering)
        } run: { bus in
            _ = try await bus.execute(answering.reference, Work(), id: "a")
            let error = await #expect(throws: ClientError.self) { try await bus.cancelAndWait("a") }
            #expect(error?.code == .runNotCancelled)
        }
    }

    @Test("goes on after a failure, with its next end as the answer")
    func resumed() async throws {
        let gate = TestGate()
        let workflow = failing(until: gate)
        try await withBridge {
            try $0.register(workflow)
        } run: { bus in
            let run = try await bus.start(workflow.reference, Work(answer: "tea"), id: "a")
            _ = await #expect(throws: ClientError.self) { try await run.output() }
            #expect(try await run.record()?.isResumable == true)
            gate.open()
            #expect(try await run.resume() == "tea")
            let error = await #expect(throws: ClientError.self) { try await run.resume() }
            #expect(error?.rejection == .notResumable)
        }
    }

    @Test("starts later where its start says so")
    func delayed() async throws {
        try await withBridge {
            try $0.register(answering)
        } run: { bus in
            let options = StartOptions(beginning: .after(.seconds(3_600)))
            let run = try await bus.start(answering.reference, Work(), id: "a", options: options)
            try await eventually(within: .seconds(20), "it was taken") { try await run.record()?.status == .scheduled }
            try await bus.cancelAndWait("a")
        }
    }

    @Test("can be taken by the bridges that have its workflow, in its version where it names one")
    func served() async throws {
        try await withBridge {
            try $0.register(answering)
        } run: { bus in
            let bridges = try await bus.bridges(serving: answering.reference)
            #expect(bridges.count == 1)
            #expect(try await bus.bridges(serving: WorkflowReference<Work, String>("answering", version: "1")) == bridges)
            #expect(try await bus.bridges(serving: WorkflowReference<Work, String>("answering", version: "2")).isEmpty)
            #expect(try await bus.bridges(serving: WorkflowReference<Work, String>("another")).isEmpty)
        }
    }

    @Test("must have an id and a workflow that the bus allows")
    func names() async throws {
        try await withBridge {
            try $0.register(answering)
        } run: { bus in
            await #expect(throws: BusError.self) { try await bus.start(answering.reference, Work(), id: "a b") }
            await #expect(throws: BusError.self) { try await bus.start(WorkflowReference<Int, Int>("no workflow"), 1) }
            await #expect(throws: BusError.self) { try await bus.cancel("") }
        }
    }
}
