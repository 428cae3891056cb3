import CanoCore
import CanoPrimitives
import CanoTesting
import Testing

/// Work of states that is done by workers in the run's own process.
@Suite(.timeLimit(.minutes(5))) struct RemoteTaskTests {
    private let clock = ManualClock()
    private let shipped = Journal<Int>()
    private let asked = Journal<WorkRequest>()

    /// Workers that answer the attempts in turn; more than these are a mistake.
    private func workers(_ answers: WorkAnswer...) -> LocalWorkers {
        LocalWorkers().serving("payments") { [asked] request in
            asked.add(request)
            guard asked.entries.count <= answers.count else { throw Hopeless() }
            return answers[asked.entries.count - 1]
        }
    }

    private func runtime(_ workers: some WorkerPool) -> WorkflowRuntime { WorkflowRuntime(clock: clock, workers: workers) }

    /// Runs to the end, with no time lost in between.
    private func run(_ workflow: Workflow<RemoteOrder>, _ workers: some WorkerPool) async throws -> RemoteOrder {
        let runtime = runtime(workers)
        return try await clock.skippingWaits { try await workflow.run(as: "r", in: runtime) }
    }

    private func elapsed() -> Duration { MonotonicInstant(nanoseconds: 0).duration(to: clock.now) }

    @Test("a worker is told all there is to know, and what it answers is handed on as a value of its type")
    func success() async throws {
        let workers = LocalWorkers().serving("payments") { [asked] (payment: Payment, request) in
            asked.add(request)
            return Receipt(number: payment.cents * 10)
        }
        #expect(try await run(.charging(TaskConfig(retry: .fixed(retries: 2, delay: .zero)), shipping: shipped), workers) == .done)
        #expect(shipped.entries == [50])
        let request = WorkRequest(
            queue: "payments", run: "r", workflow: "orders", state: "charge", task: "bank", visit: 1, attempt: 1, attempts: 3,
            idempotencyKey: "r/charge/1", input: Array(#"{"cents":5}"#.utf8))
        #expect(asked.entries == [request])
    }

    @Test("what was handed on to a state can be what its work is done with, and what comes of it need not be looked at")
    func taking() async throws {
        let paid = Journal<Int>()
        let workflow = Workflow<RemoteOrder>("orders", startingAt: .charge) { state in
            switch state {
            case .charge: .step(then: .ship) { _ in Payment(cents: 7) }
            case .ship:
                .remote(queue: WorkerQueue("payments", lease: .seconds(5), queueTime: .seconds(9)), taking: Payment.self, then: .done)
            case .done, .refused: .exit
            }
        }
        let workers = LocalWorkers().serving("payments") { (payment: Payment, request) in
            #expect(request.queue == WorkerQueue("payments", lease: .seconds(5), queueTime: .seconds(9)))
            paid.add(payment.cents)
        }
        #expect(try await run(workflow, workers) == .done)
        #expect(paid.entries == [7])
    }

    @Test("a failure that a worker answers is a failed attempt, after which the work is asked for again, with the same key")
    func retries() async throws {
        let config = TaskConfig(retry: .fixed(retries: 2, delay: .seconds(20)))
        let observer = RecordingObserver()
        var runtime = runtime(workers(.failure(), .failure(), .receipt(3)))
        runtime.observers = [observer]
        let (workflow, given) = (Workflow.charging(config, shipping: shipped), runtime)
        #expect(try await clock.skippingWaits { try await workflow.run(as: "r", in: given) } == .done)
        #expect(asked.entries.map(\.attempt) == [1, 2, 3])
        #expect(Set(asked.entries.map(\.idempotencyKey)) == ["r/charge/1"])
        #expect(elapsed() == .seconds(40))
        #expect(shipped.entries == [3])
        #expect(observer.summary.count(where: { $0.hasPrefix("taskRetried") }) == 2)
    }

    @Test("a worker says when the next attempt makes sense")
    func retryAfter() async throws {
        let config = TaskConfig(retry: .fixed(retries: 1, delay: .seconds(20)))
        #expect(try await run(.charging(config), workers(.failure(retryAfter: .seconds(7)), .receipt(1))) == .done)
        #expect(elapsed() == .seconds(7))
    }

    @Test("a run whose last attempt fails, or whose worker says that no other helps, fails with the worker's code")
    func terminal() async throws {
        let config = TaskConfig(retry: .fixed(retries: 1, delay: .seconds(1)))
        let hopeless = await caught { try await run(.charging(config), workers(.failure("card.declined", isRetryable: false))) }
        #expect(hopeless?.category == .taskExecution)
        #expect(hopeless?.code == "card.declined")
        #expect(hopeless?.attempt == 1)
        #expect(hopeless?.state == "charge" && hopeless?.task == "bank")
        #expect(asked.entries.count == 1)
    }

    @Test("a run whose attempts have all failed says so, and has the last worker's code")
    func exhausted() async throws {
        let config = TaskConfig(retry: .fixed(retries: 1, delay: .seconds(1)))
        let error = await caught { try await run(.charging(config), workers(.failure("a"), .failure("b"))) }
        #expect(error?.category == .retryExhausted)
        #expect(error?.code == "b")
        #expect(error?.attempt == 2)
    }

    /// Asks where its run's input says.
    private struct Routed: RemoteTask {
        func queue(_ context: TaskContext<RoutedOrder>) -> WorkerQueue {
            WorkerQueue(context.input.queue, attempts: context.input.attempts)
        }
        let config = TaskConfig(retry: .fixed(retries: 5, delay: .seconds(1)))
        func request(_ context: TaskContext<RoutedOrder>) async throws -> Payment { Payment(cents: 5) }
        func next(after output: Receipt, _ context: TaskContext<RoutedOrder>) async throws -> RoutedOrder { .done }
    }

    private enum RoutedOrder: String, WorkflowState, CaseIterable {
        typealias Output = RoutedOrder
        struct Input: Codable, Sendable {
            let queue: String
            let attempts: Int?
        }
        case charge, done
    }

    @Test("a run's input may say which queue its work is for, and that fewer attempts make sense", arguments: [nil, 1, 2, 9])
    func routed(_ attempts: Int?) async throws {
        let workflow = Workflow<RoutedOrder>("orders", startingAt: .charge) { $0 == .charge ? .task(Routed()) : .exit }
        let workers = LocalWorkers().serving("far") { [asked] request in
            asked.add(request)
            return .failure("away")
        }
        let runtime = runtime(workers)
        let error = await caught {
            try await clock.skippingWaits {
                try await workflow.run(.init(queue: "far", attempts: attempts), as: "r", in: runtime)
            }
        }
        let most = min(attempts ?? 6, 6)
        #expect(asked.entries.map(\.attempt) == Array(1...most))
        #expect(asked.entries.allSatisfy { $0.attempts == most })
        #expect(error?.category == (most == 1 ? .taskExecution : .retryExhausted))
        #expect(error?.code == "away")
    }

    @Test("an error that a worker throws fails the attempt as it would fail a task here")
    func thrown() async throws {
        let workers = LocalWorkers().serving("payments") { [asked] request in
            asked.add(request)
            if request.attempt == 1 { throw Mishap(code: "mislaid") }
            throw Hopeless()
        }
        let error = await caught { try await run(.charging(TaskConfig(retry: .fixed(retries: 5, delay: .seconds(1)))), workers) }
        #expect(asked.entries.count == 2)
        #expect(error?.isRetryable == false)
    }

    @Test("an attempt whose time is over cancels its worker, and the next one asks anew")
    func attemptTimeout() async throws {
        let cancelled = Journal<Int>()
        let workers = LocalWorkers().serving("payments") { [asked] request in
            asked.add(request)
            if request.attempt == 3 { return .receipt(1) }
            do { try await untilCancelled() } catch { cancelled.add(request.attempt) }
            throw CancellationError()
        }
        let config = TaskConfig(retry: .fixed(retries: 2, delay: .seconds(5)), attemptTimeout: .seconds(30))
        let run = Workflow.charging(config).start(in: runtime(workers))
        for attempt in 1...2 {
            try await eventually { asked.entries.count == attempt }
            clock.advance(by: .seconds(30))
            await clock.waitForSleeper(until: clock.now.advanced(by: .seconds(5)))
            clock.advance(by: .seconds(5))
        }
        #expect(try await run.output() == .done)
        #expect(asked.entries.map(\.attempt) == [1, 2, 3])
        try await eventually { cancelled.entries.sorted() == [1, 2] }
    }

    @Test("a run that is cancelled while a worker works ends, and its worker is cancelled")
    func cancelled() async throws {
        let (begun, cancelled) = (Gate(), Gate())
        let workers = LocalWorkers().serving("payments") { _ in
            begun.open()
            do { try await untilCancelled() } catch { cancelled.open() }
            return .receipt(1)
        }
        let run = Workflow.charging(shipping: shipped).start(as: "r", in: runtime(workers))
        await begun.pass()
        run.stop(.cancelled(reason: "enough"))
        let error = await caught { try await run.output() }
        #expect(error?.category == .cancelled)
        await cancelled.pass()
        #expect(shipped.entries.isEmpty)
    }

    @Test("work that is done while the next attempt is awaited counts, and that attempt is not made")
    func lateSuccess() async throws {
        let (begun, done) = (Gate(), Gate())
        // Does not notice that it was cancelled.
        let workers = LocalWorkers().serving("payments") { [asked] request in
            asked.add(request)
            begun.open()
            await done.pass()
            return .receipt(8)
        }
        let config = TaskConfig(retry: .fixed(retries: 2, delay: .seconds(60)), attemptTimeout: .seconds(10))
        let run = Workflow.charging(config, shipping: shipped).start(as: "r", in: runtime(workers))
        await begun.pass()
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 10_000_000_000))
        clock.advance(by: .seconds(10))
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 70_000_000_000))
        done.open()
        #expect(try await run.output() == .done)
        #expect(elapsed() == .seconds(10))
        #expect(asked.entries.count == 1)
        #expect(shipped.entries == [8])
    }

    private struct Charge: RemoteTask {
        var failures = 0
        let journal: Journal<String>
        func queue(_ context: TaskContext<RemoteOrder>) -> WorkerQueue { "payments" }
        var config: TaskConfig { TaskConfig(retry: .fixed(retries: 3, delay: .seconds(1))) }

        func request(_ context: TaskContext<RemoteOrder>) async throws -> Payment { Payment() }

        func next(after output: Receipt, _ context: TaskContext<RemoteOrder>) async throws -> RemoteOrder {
            journal.add("\(output.number) in attempt \(context.attempt)")
            if context.attempt <= failures { throw Mishap() }
            return .done
        }
    }

    private func charging(_ task: Charge, leadsTo: [RemoteOrder]? = nil) -> Workflow<RemoteOrder> {
        Workflow("orders", startingAt: .charge) { state in
            switch state {
            case .charge: .task(task, leadsTo: leadsTo)
            case .ship: .step(then: .done) { _ in }
            case .done, .refused: .exit
            }
        }
    }

    @Test("a task of its own decides what follows, and is asked again when that fails, without the work being done again")
    func ownTask() async throws {
        let journal = Journal<String>()
        #expect(try await run(charging(Charge(failures: 2, journal: journal)), workers(.receipt(4))) == .done)
        #expect(journal.entries == ["4 in attempt 1", "4 in attempt 2", "4 in attempt 3"])
        #expect(asked.entries.count == 1)
    }

    @Test("a worker may name the next state, which is one that the task may lead to")
    func chosenState() async throws {
        let journal = Journal<String>()
        let workflow = charging(Charge(journal: journal), leadsTo: [.ship, .refused])
        #expect(try await run(workflow, workers(.receipt(1, next: "refused"))) == .refused)
        #expect(journal.entries.isEmpty)
    }

    @Test("a state that a worker must not name, or that there is not, fails the run without another attempt")
    func wrongState() async throws {
        let workflow = charging(Charge(journal: Journal()), leadsTo: [.ship, .refused])
        #expect(await caught { try await run(workflow, workers(.receipt(1, next: "done"))) }?.code == "undeclared_transition")
        let unknown = await caught { try await run(workflow, LocalWorkers().serving("payments") { _ in .receipt(1, next: "nowhere") }) }
        #expect(unknown?.code == "bad_output")
        #expect(unknown?.attempt == 1)
        #expect(unknown?.message.contains("nowhere") == true)
    }

    @Test("a task can be called without an engine, and has its work done by the runtime's workers")
    func withoutEngine() async throws {
        let context = TaskContext<RemoteOrder>(state: "charge", in: runtime(workers(.receipt(2), .failure("closed"))))
        let task = Charge(journal: Journal())
        #expect(try await task.run(context) == .done)
        #expect(await caught { try await task.run(context) }?.code == "closed")
        #expect(await caught { try await task.run(TaskContext(state: "charge")) }?.category == .configuration)
    }

    @Test("an output of another type, and one that is no JSON, fail the run without another attempt", arguments: ["{}", "{", ""])
    func badOutput(output: String) async throws {
        let config = TaskConfig(retry: .fixed(retries: 3, delay: .seconds(1)))
        let error = await caught { try await run(.charging(config), workers(.completed(output: Array(output.utf8)))) }
        #expect(error?.code == "bad_output")
        #expect(asked.entries.count == 1)
    }

    @Test("where nothing does the work the run fails at once and says what to set")
    func withoutWorkers() async throws {
        let config = TaskConfig(retry: .fixed(retries: 3, delay: .seconds(1)))
        let error = await caught { try await Workflow.charging(config).run(in: WorkflowRuntime(clock: clock)) }
        #expect(error?.category == .configuration)
        #expect(error?.message.contains("workers of the run's WorkflowRuntime") == true)
        #expect(await caught { try await run(.charging(config), LocalWorkers()) }?.code == "no_worker")
    }

    @Test("a queue has a name that every host can use, and what is sent to it has a bound")
    func badRequests() async throws {
        let workflow = { (queue: String, size: Int) in
            Workflow<RemoteOrder>("orders", startingAt: .charge) { state in
                state == .charge ? .remote(queue: WorkerQueue(queue), then: .done) { _ in String(repeating: "x", count: size) } : .exit
            }
        }
        #expect(await caught { try await run(workflow("not a name", 1), workers()) }?.category == .configuration)
        #expect(await caught { try await run(workflow("payments", 1 << 20), workers()) }?.code == "bad_input")
        #expect(try await run(workflow("payments", (1 << 20) - 2), workers(.receipt(1))) == .done)
    }

    @Test("names of workers' answers can neither be sent nor waited for")
    func reservedNames() async throws {
        let waiting = Workflow<RemoteOrder>("w", startingAt: .charge) { state in
            state == .charge ? .wait(for: Signal("//1"), .within(.seconds(1), else: .refused), then: .done) : .exit
        }
        let error = await caught { try await run(waiting, workers()) }
        #expect(error?.category == .configuration)
        #expect(error?.message.contains("//1") == true)
        let split = Workflow<RemoteOrder>("w", startingAt: .charge) { state in
            state == .charge
                ? .split([Branch("answer", waitingFor: Signal("//1.0"), .within(.seconds(1)))], then: .done) : .exit
        }
        #expect(await caught { try await run(split, workers()) }?.causes.map(\.category) == [.configuration])
        let handle = Workflow.charging().start(in: runtime(workers(.receipt(1))))
        #expect(caught { try handle.signal("//1") }?.category == .configuration)
        #expect(caught { try handle.signal("//1", 5) }?.category == .configuration)
        #expect(try await handle.output() == .done)
    }
}
