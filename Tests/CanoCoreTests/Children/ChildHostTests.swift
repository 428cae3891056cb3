import CanoCore
import CanoTesting
import Testing

/// Children that a host starts: with the row that says that their parent waits.
@Suite(.timeLimit(.minutes(5))) struct ChildHostTests {
    private let clock = ManualClock(unixMilliseconds: 0)
    private let twice = TaskConfig(retry: .fixed(retries: 1, delay: .seconds(60)))

    /// A parent whose child is not in this process.
    private func parent(_ config: TaskConfig = .minimal, child: ChildRunConfig = ChildRunConfig()) -> Workflow<ParentStep> {
        Children().parent(config, child: child, of: ChildWorkflow("far", version: "7", taking: Int.self, giving: Int.self))
    }

    @Test("a child is asked for with the row of the wait, by the name of its workflow, and its parent is put down")
    func asked() async throws {
        let host = ParkingHost(on: clock, handsOut: true)
        let config = ChildRunConfig(timeout: .seconds(9), closePolicy: .leave)
        let parent = parent(child: config)
        #expect(try await host.drive(parent).summary == "waiting")
        let request = try #require(host.requests.first)
        #expect(request.child == ChildRequest(run: "r//2", workflow: "far", version: "7", config: config))
        #expect(String(decoding: request.input, as: UTF8.self) == "21")
        #expect(request.leg == "//2" && request.queue.name.isEmpty)
        host.answer(request, .completed(output: Array("8".utf8)))
        #expect(try await host.drive(parent).summary == "done")
        #expect(host.requests.count == 1)
    }

    @Test("a host that hands work out starts a child also where its workflow is here")
    func notHere() async throws {
        let (host, children) = (ParkingHost(on: clock, handsOut: true), Children())
        #expect(try await host.drive(children.parent()).summary == "waiting")
        #expect(host.requests.map(\.child?.workflow) == ["child"])
        #expect(children.taken.entries.isEmpty)
    }

    @Test("what a child ended with is the cause of the failed attempt, and comes to its parent whole")
    func cause() async throws {
        let host = ParkingHost(on: clock, handsOut: true)
        let parent = parent()
        _ = try await host.drive(parent)
        let inner = CanoError(.timeout, "too slow", state: "a", task: "b", attempt: 3)
        let failure = CanoError(.retryExhausted, "tried", code: "slow", state: "a", causes: [inner])
        host.answer(host.requests[0], .failed(WorkFailure(of: "r//2", workflow: "far", endedBy: failure)))
        let error = await caught { try await host.drive(parent) }
        #expect(error?.category == .taskExecution && error?.code == "slow" && error?.state == "second")
        let cause = try #require(error?.causes.first)
        #expect(cause.category == .retryExhausted && cause.state == "a" && cause.causes.first?.attempt == 3)
    }

    @Test("the attempt after a failed child asks for a child of another id")
    func attempts() async throws {
        let host = ParkingHost(on: clock, handsOut: true)
        let parent = parent(twice)
        _ = try await host.drive(parent)
        host.answer(host.requests[0], .failed(WorkFailure(of: "r//2", workflow: "far", endedBy: CanoError(.generic, "no"))))
        #expect(try await host.drive(parent).summary == "waiting until 60000")
        clock.advance(by: .seconds(60))
        #expect(try await host.drive(parent).summary == "waiting")
        #expect(host.requests.compactMap(\.child?.run) == ["r//2", "r//2:2"])
    }

    @Test("a cancelled child fails its parent, whatever attempts are left")
    func cancelled() async throws {
        let host = ParkingHost(on: clock, handsOut: true)
        let parent = parent(twice)
        _ = try await host.drive(parent)
        host.answer(host.requests[0], .failed(WorkFailure(of: "r//2", workflow: "far", endedBy: CanoError(.cancelled, "enough"))))
        #expect(await caught { try await host.drive(parent) }?.category == .cancelled)
        #expect(host.requests.count == 1)
    }

    @Test("a parent whose host has lost what it had handed out, as one that had ended has, asks for it again")
    func handedOutNoMore() async throws {
        let host = ParkingHost(on: clock, handsOut: true)
        let parent = parent()
        _ = try await host.drive(parent)
        host.end()
        #expect(try await host.drive(parent).summary == "waiting")
        #expect(host.requests.count == 2)
        // What is there already is not asked for.
        host.answer(host.requests[1], .completed(output: Array("8".utf8)))
        #expect(try await host.drive(parent).summary == "done")
        #expect(host.requests.count == 2)
    }

    @Test("an output that the parent cannot read fails it with bad_output, without another attempt")
    func badOutput() async throws {
        let host = ParkingHost(on: clock, handsOut: true)
        let parent = parent(twice)
        _ = try await host.drive(parent)
        host.answer(host.requests[0], .completed(output: Array(#""x""#.utf8)))
        #expect(await caught { try await host.drive(parent) }?.code == "bad_output")
    }
}
