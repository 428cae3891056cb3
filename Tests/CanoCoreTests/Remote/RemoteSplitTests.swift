import CanoCore
import CanoPrimitives
import CanoTesting
import Testing

/// Splits with branches whose work is done elsewhere.
@Suite(.timeLimit(.minutes(5))) struct RemoteSplitTests {
    private let clock = ManualClock(unixMilliseconds: 0)
    private let results = Journal<Reduced>()

    private func workflow(_ branches: [Branch<Fork, Int>], _ join: JoinConfig = JoinConfig()) -> Workflow<Fork> {
        .split(branches, join, to: results)
    }

    private func remote(_ input: Int, _ config: TaskConfig = .minimal) -> Branch<Fork, Int> {
        Branch("offer", queue: "offers", config: config) { _ in input }
    }

    private func here(_ output: Int) -> Branch<Fork, Int> { Branch("cash", config: .minimal) { _ in output } }

    private func host(_ moment: SplitHost.Moment = .init(), handsOut: Bool = true) -> SplitHost {
        SplitHost(on: clock, from: moment, putsDown: true, handsOut: handsOut)
    }

    private func answer(_ number: Int) -> WorkAnswer { .completed(output: Array("\(number)".utf8)) }

    /// Doubles.
    private let doubling = LocalWorkers().serving("offers") { (number: Int, _) in number * 2 }

    private struct Ask: RemoteTask {
        func queue(_ context: TaskContext<Fork>) -> WorkerQueue { "offers" }
        func request(_ context: TaskContext<Fork>) async throws -> Int { 100 }
        func next(after output: Int, _ context: TaskContext<Fork>) async throws -> Fork { .second }
    }

    @Test("branches of workers stand beside those that run here, and return values of their type")
    func inMemory() async throws {
        let workflow = workflow([remote(1), here(7), Branch(remote: Ask())])
        let run = WorkflowRuntime(clock: clock, workers: doubling)
        try await workflow.run(in: run)
        #expect(results.entries == [Reduced(successes: [0: 2, 1: 7, 2: 200], cancelled: [])])
    }

    @Test("a task of a worker's can be a branch that returns nothing")
    func nothing() async throws {
        let workflow = Workflow<Fork>("w", startingAt: .first) { $0 == .first ? .split([Branch(Ask())], then: .done) : .exit }
        try await workflow.run(in: WorkflowRuntime(clock: clock, workers: doubling))
    }

    @Test("each element of a list can be a worker's")
    func each() async throws {
        let results = results
        let workflow = Workflow<Fork>("w", startingAt: .first) { state in
            switch state {
            case .first:
                .each("offer", config: .minimal, giving: Int.self) { _ in
                    RemoteItems([1, 2, 3], queue: "offers")
                } reduce: { result, _ in
                    results.add(Reduced(result))
                    return .done
                }
            default: .exit
            }
        }
        try await workflow.run(in: WorkflowRuntime(clock: clock, workers: doubling))
        #expect(results.entries == [Reduced(successes: [0: 2, 1: 4, 2: 6], cancelled: [])])
    }

    @Test("so many items are asked for at the same time as their list says, and never more than the join lets through", arguments: [2, 5])
    func atOnce(_ atOnce: Int) async throws {
        let gate = Gate()
        let asked = Counter()
        let workers = LocalWorkers().serving("offers") { (number: Int, _) in
            asked.increment()
            await gate.pass()
            return number
        }
        let workflow = Workflow<Fork>("w", startingAt: .first) { state in
            guard state == .first else { return .exit }
            return .each("offer", config: .minimal, join: JoinConfig(bulkhead: 3), giving: Int.self) { _ in
                RemoteItems(Array(0..<7), queue: "offers", atOnce: atOnce)
            } reduce: { result, _ in
                result.outputs == Array(0..<7) ? .done : .second
            }
        }
        let run = workflow.start(in: WorkflowRuntime(clock: clock, workers: workers))
        try await eventually("as many are asked for as may be") { asked.value == min(atOnce, 3) }
        gate.open()
        #expect(try await run.exitState() == .done)
        #expect(asked.value == 7)
    }

    @Test("a list that is too long for workers, or that lets none of them work, fails the run and says what to do")
    func badItems() async throws {
        for items in [RemoteItems(Array(0...10_000), queue: "offers"), RemoteItems([1], queue: "offers", atOnce: 0)] {
            let workflow = Workflow<Fork>("w", startingAt: .first) { state in
                state == .first ? .each("offer", giving: Int.self, of: { _ in items }, reduce: { _, _ in .done }) : .exit
            }
            let error = await caught { try await workflow.run(in: WorkflowRuntime(clock: clock, workers: doubling)) }
            #expect(error?.category == .configuration)
            #expect(error?.message.contains(items.items.count > 1 ? "give each a slice" : "let at least one") == true)
        }
    }

    @Test(
        "each join waits for as many answers as it needs",
        arguments: [(JoinStrategy.all, 3), (.any, 1), (.quorum(2), 2), (.percentage(0.5), 2), (.partialResults(2), 2)])
    func joins(strategy: JoinStrategy, needed: Int) async throws {
        let workflow = workflow([remote(1), remote(2), remote(3)], JoinConfig(strategy))
        let host = host()
        #expect(try await host.drive(workflow).summary == "waiting")
        #expect(host.requests.map(\.leg).sorted() == ["//1.0", "//1.1", "//1.2"])
        #expect(host.waits.map(\.signals) == [["//1.0", "//1.1", "//1.2"]])
        let requests = host.requests.sorted { $0.leg < $1.leg }
        for number in 0..<needed {
            host.answer(requests[number], answer(number))
            #expect(try await host.drive(workflow).summary == (number < needed - 1 ? "waiting" : "done"))
        }
        #expect(results.entries.map(\.successes) == [Dictionary(uniqueKeysWithValues: (0..<needed).map { ($0, $0) })])
        #expect(host.requests.count == 3)
        #expect(host.moment.unread.isEmpty)
    }

    @Test("a branch whose worker fails is attempted again after its pause, and its time is the run's")
    func retried() async throws {
        let workflow = workflow([remote(1, TaskConfig(retry: .fixed(retries: 1, delay: .seconds(60)))), remote(2), here(3)])
        let host = host()
        #expect(try await host.drive(workflow).summary == "waiting")
        let first = try #require(host.requests.first { $0.branch == 0 })
        let second = try #require(host.requests.first { $0.branch == 1 })
        #expect(first.idempotencyKey == "r/first/1/0")
        host.answer(first, .failure())
        #expect(try await host.drive(workflow).summary == "waiting until 60000")
        host.answer(second, answer(20))
        #expect(try await host.drive(workflow).summary == "waiting until 60000")
        clock.advance(by: .seconds(60))
        #expect(try await host.drive(workflow).summary == "waiting")
        #expect(host.requests.count == 3)
        let again = try #require(host.requests.last)
        #expect(again.branch == 0 && again.attempt == 2 && again.idempotencyKey == first.idempotencyKey)
        // What the first attempt has to say still is nothing to the second.
        host.signal("//1.0", #"{"attempt":1,"failure":{"code":"a","message":"","retryable":false}}"#, id: "late")
        #expect(try await host.drive(workflow).summary == "waiting")
        #expect(host.moment.unread.isEmpty)
        #expect(host.requests.count == 3)
        host.answer(again, answer(10))
        #expect(try await host.drive(workflow).summary == "done")
        #expect(results.entries.map(\.successes) == [[0: 10, 1: 20, 2: 3]])
    }

    @Test(
        "a run that its host keeps in its process waits there for what was handed out, and nothing here works on it",
        arguments: [true, false])
    func keptHere(isSplit: Bool) async throws {
        let host = SplitHost(on: clock, handsOut: true)
        let asked = Journal<WorkRequest>()
        let workers = LocalWorkers().serving("offers") { request in
            asked.add(request)
            return .completed(output: request.input)
        }
        let config = TaskConfig(retry: .fixed(retries: 1, delay: .milliseconds(10)))
        let state = Workflow<Fork>("w", startingAt: .first) { state in
            state == .first ? .remote(queue: "offers", config: config, giving: Int.self, then: .done) { _ in 1 } : .exit
        }
        // While a branch runs the run as a whole waits for nothing.
        let running = Gate()
        let held = Branch<Fork, Int>("held", config: .minimal) { _ in
            await running.pass()
            return 3
        }
        let workflow = isSplit ? workflow([remote(1, config), remote(2), held]) : state
        let outcome = Task { try await host.drive(workflow, workers: workers).summary }
        try await eventually { host.requests.count == (isSplit ? 2 : 1) }
        for request in host.requests where request.branch ?? 0 == 0 { host.answer(request, .failure()) }
        try await eventually { clock.sleeperCount > 0 }
        clock.advance(by: .milliseconds(10))
        try await eventually { host.requests.last?.attempt == 2 }
        let (again, appends) = (try #require(host.requests.last), host.calls.count)
        host.signal(again.leg, #"{"attempt":1,"failure":{"code":"a","message":"","retryable":false}}"#, id: "late")
        // With the row that says so anew it is gone.
        try await eventually { host.moment.unread.isEmpty }
        #expect(host.calls.count == appends + 1)
        for request in host.requests where request.attempt == 2 || request.branch == 1 { host.answer(request, answer(5)) }
        running.open()
        #expect(try await outcome.value == "done")
        #expect(host.requests.count == (isSplit ? 3 : 2))
        #expect(host.moment.unread.isEmpty)
        #expect(asked.entries.isEmpty)
    }

    @Test("work of a branch that is done in the pause before its next attempt counts")
    func lateSuccess() async throws {
        let config = TaskConfig(retry: .fixed(retries: 1, delay: .seconds(60)), attemptTimeout: .seconds(30))
        let workflow = workflow([remote(1, config), remote(2)])
        let host = host()
        #expect(try await host.drive(workflow).summary == "waiting until 30000")
        clock.advance(by: .seconds(30))
        #expect(try await host.drive(workflow).summary == "waiting until 90000")
        for request in host.requests { host.answer(request, answer(request.input.count)) }
        #expect(try await host.drive(workflow).summary == "done")
        #expect(host.requests.sorted { $0.branch ?? 0 < $1.branch ?? 0 }.map(\.until) == [30_000, nil])
        #expect(results.entries.map(\.successes) == [[0: 1, 1: 1]])
    }

    @Test("workers are told when their answer is of no use, for the attempt's time is over or the join's")
    func until() async throws {
        let config = TaskConfig(retry: .none, attemptTimeout: .seconds(30))
        let workflow = workflow([remote(1, config), remote(2)], JoinConfig(.partialTimeout, timeout: .seconds(60)))
        let host = host()
        #expect(try await host.drive(workflow).summary == "waiting until 30000")
        #expect(host.requests.sorted { $0.branch ?? 0 < $1.branch ?? 0 }.map(\.until) == [30_000, 60_000])
    }

    @Test("a worker that names a state in a branch, or answers what cannot be read, fails the branch")
    func badOutput() async throws {
        let workflow = workflow([remote(1), remote(2), here(3)], JoinConfig(.partialResults(1)))
        let workers = LocalWorkers().serving("offers") { request in
            request.branch == 0 ? .completed(output: Array("1".utf8), next: "second") : .completed(output: Array("no".utf8))
        }
        let all = JoinConfig(.partialTimeout, timeout: .seconds(60))
        let gathered = self.workflow([remote(1), remote(2), here(3)], all)
        try await gathered.run(in: WorkflowRuntime(clock: clock, workers: workers))
        #expect(results.entries.last?.failures == [0: "bad_output", 1: "bad_output"])
        try await workflow.run(in: WorkflowRuntime(clock: clock, workers: workers))
        #expect(results.entries.last?.successes == [2: 3])
    }

    @Test("where the host hands nothing out a run is not put down while workers of its branches work, and begins them anew when resumed")
    func workersHere() async throws {
        let (control, asked, gate) = (RunControl(), Journal<WorkRequest>(), Gate())
        let workflow = workflow([remote(1), remote(2), here(3)])
        let workers = LocalWorkers().serving("offers") { request in
            asked.add(request)
            if request.branch == 0 { return .completed(output: request.input) }
            if !gate.isOpen { try await untilCancelled() }
            return .completed(output: request.input)
        }
        let host = host(handsOut: false)
        let outcome = Task { try await host.drive(workflow, control: control, workers: workers) }
        try await eventually { host.moment.ended == [0, 2] && asked.entries.count == 2 }
        #expect(host.waits.isEmpty)
        control.stop(.handBack)
        #expect(try await outcome.value.summary == "relinquished")
        gate.open()
        #expect(try await host.drive(workflow, workers: workers).summary == "done")
        #expect(asked.entries.filter { $0.branch == 1 }.count == 2)
        #expect(asked.entries.filter { $0.branch == 0 }.count == 1)
        #expect(results.entries.map(\.successes) == [[0: 1, 1: 2, 2: 3]])
        #expect(host.requests.isEmpty)
    }

    @Test("whatever row a run dies at whose branches are worked on elsewhere, each attempt is handed out once, and its end is the same")
    func everyRow() async throws {
        let retried = TaskConfig(retry: .fixed(retries: 1, delay: .seconds(60)))
        let workflow = workflow([remote(1, retried), here(2), remote(3)])
        let whole = host()
        try await finish(whole, workflow)
        for moment in whole.moments.dropLast() {
            let host = host(moment)
            try await finish(host, workflow)
            #expect(results.entries.last?.successes == [0: 10, 1: 2, 2: 30])
            // What the log says was handed out before is not handed out again.
            let waiting = Set(moment.rows.filter { $0.kind == .waiting }.compactMap(\.branch))
            for branch in waiting { #expect(!host.requests.contains { $0.branch == branch && $0.attempt == 1 }) }
        }
    }

    /// Answers what was handed out until the run is over: the first attempt of the first branch fails.
    private func finish(_ host: SplitHost, _ workflow: Workflow<Fork>) async throws {
        var outcome = try await host.drive(workflow).summary
        for _ in 0..<20 where outcome != "done" {
            if outcome != "waiting", let until = host.waits.last?.until { clock.advance(by: .milliseconds(until - clock.unixMilliseconds)) }
            for leg in host.waits.last?.signals ?? [] where host.moment.unread.isEmpty {
                let isFirst = leg == "//1.0"
                let hasFailed = host.moment.rows.contains { row in
                    row.branch == 0 && String(decoding: row.payload ?? [], as: UTF8.self).contains(#""failures":1"#)
                }
                let branch = isFirst ? 0 : 2
                let request = WorkRequest(
                    queue: "offers", run: "r", state: "first", visit: 1, branch: branch, attempt: isFirst && hasFailed ? 2 : 1, input: [])
                host.answer(request, isFirst && !hasFailed ? .failure() : answer(isFirst ? 10 : 30))
            }
            outcome = try await host.drive(workflow).summary
        }
        #expect(outcome == "done")
    }
}
