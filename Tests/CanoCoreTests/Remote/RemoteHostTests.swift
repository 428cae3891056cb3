import CanoCore
import CanoPrimitives
import CanoTesting
import Synchronization
import Testing

/// Work of states whose host keeps waits: one that hands work out, and one whose runs have workers here.
@Suite(.timeLimit(.minutes(5))) struct RemoteHostTests {
    private let clock = ManualClock(unixMilliseconds: 0)
    private let shipped = Journal<Int>()
    private let twice = TaskConfig(retry: .fixed(retries: 1, delay: .seconds(60)))

    private func workflow(_ config: TaskConfig = .minimal) -> Workflow<RemoteOrder> { .charging(config, shipping: shipped) }

    private func drive(_ host: ParkingHost, _ config: TaskConfig = .minimal, until death: ParkingHost.Death? = nil) async throws -> String {
        try await host.drive(workflow(config), until: death).summary
    }

    @Test("a state is entered, waits and has its work handed out with one row, and goes on when the answer comes")
    func handedOut() async throws {
        let host = ParkingHost(on: clock, handsOut: true)
        #expect(try await drive(host) == "waiting")
        #expect(host.rows.map(\.kind) == [.waiting])
        #expect(host.waits == [RunWait([OpenWait(signals: ["//1"])])])
        #expect(host.requests.map(\.queue) == ["payments"])
        // One that is woken too early waits on, and nothing is handed out again.
        #expect(try await drive(host) == "waiting")
        #expect(host.requests.count == 1)
        host.answer(host.requests[0], .receipt(9))
        #expect(try await drive(host) == "done")
        #expect(shipped.entries == [9])
        #expect(host.unread.isEmpty)
        #expect(host.requests.count == 1)
    }

    @Test("an answer that comes with the row of the wait wakes the run at once")
    func answeredAtOnce() async throws {
        let host = ParkingHost(on: clock, handsOut: true)
        host.answer(WorkRequest(queue: "payments", run: "r", state: "charge", input: []), .receipt(1))
        #expect(try await drive(host) == "done")
    }

    @Test("a failure puts the run down until the next attempt, which is handed out as another one with the same key")
    func retried() async throws {
        let host = ParkingHost(on: clock, handsOut: true)
        #expect(try await drive(host, twice) == "waiting")
        host.answer(host.requests[0], .failure())
        #expect(try await drive(host, twice) == "waiting until 60000")
        #expect(host.rows.map(\.kind) == [.attempt])
        #expect(host.unread.isEmpty)
        clock.advance(by: .seconds(60))
        #expect(try await drive(host, twice) == "waiting")
        #expect(host.requests.map(\.attempt) == [1, 2])
        #expect(Set(host.requests.map(\.idempotencyKey)) == ["r/charge/1"])
        #expect(host.requests.map(\.attempts) == [2, 2])
        host.answer(host.requests[1], .failure("closed"))
        let error = await caught { try await drive(host, twice) }
        #expect(error?.category == .retryExhausted)
        #expect(error?.code == "closed")
    }

    @Test("the time of an attempt bounds it with its time in the queue, and another one follows")
    func attemptTimeout() async throws {
        let host = ParkingHost(on: clock, handsOut: true)
        let config = TaskConfig(retry: .fixed(retries: 1, delay: .seconds(60)), attemptTimeout: .seconds(30))
        #expect(try await drive(host, config) == "waiting until 30000")
        clock.advance(by: .seconds(30))
        #expect(try await drive(host, config) == "waiting until 90000")
        clock.advance(by: .seconds(60))
        #expect(try await drive(host, config) == "waiting until 120000")
        #expect(host.requests.map(\.attempt) == [1, 2])
        #expect(host.requests.map(\.until) == [30_000, 120_000], "workers are told when their answer is of no use any more")
        clock.advance(by: .seconds(30))
        #expect(await caught { try await drive(host, config) }?.category == .retryExhausted)
    }

    @Test("work that is done while the next attempt is awaited counts, and that attempt is not made")
    func lateSuccess() async throws {
        let host = ParkingHost(on: clock, handsOut: true)
        let config = TaskConfig(retry: .fixed(retries: 1, delay: .seconds(60)), attemptTimeout: .seconds(30))
        _ = try await drive(host, config)
        clock.advance(by: .seconds(30))
        #expect(try await drive(host, config) == "waiting until 90000")
        #expect(host.waits.last == RunWait([OpenWait(signals: ["//1"], until: 90_000)]))
        host.answer(host.requests[0], .receipt(6))
        #expect(try await drive(host, config) == "done")
        #expect(host.requests.count == 1)
        #expect(host.unread.isEmpty)
        #expect(shipped.entries == [6])
    }

    @Test("what an earlier attempt failed with is no answer to a later one, and what it has done is")
    func answersOfEarlierAttempts() async throws {
        let host = ParkingHost(on: clock, handsOut: true)
        let config = TaskConfig(retry: .fixed(retries: 2, delay: .seconds(60)), attemptTimeout: .seconds(30))
        _ = try await drive(host, config)
        clock.advance(by: .seconds(30))
        #expect(try await drive(host, config) == "waiting until 90000")
        host.answer(host.requests[0], .failure(), id: "late")
        #expect(try await drive(host, config) == "waiting until 90000")
        #expect(host.unread.isEmpty)
        clock.advance(by: .seconds(60))
        #expect(try await drive(host, config) == "waiting until 120000")
        host.answer(host.requests[0], .failure(), id: "later")
        #expect(try await drive(host, config) == "waiting until 120000")
        #expect(host.unread.isEmpty)
        #expect(host.requests.map(\.attempt) == [1, 2])
        host.answer(host.requests[0], .receipt(2), id: "latest")
        #expect(try await drive(host, config) == "done")
        #expect(shipped.entries == [2])
    }

    @Test("an answer of an earlier attempt that lies there when the next one begins does not keep that from being handed out")
    func earlierAnswerIsThere() async throws {
        let host = ParkingHost(on: clock, handsOut: true)
        _ = try await drive(host, twice)
        host.answer(host.requests[0], .failure())
        _ = try await drive(host, twice)
        clock.advance(by: .seconds(60))
        host.answer(host.requests[0], .failure(), id: "again")
        #expect(try await drive(host, twice) == "waiting")
        #expect(host.requests.map(\.attempt) == [1, 2])
        #expect(host.unread.isEmpty)
    }

    @Test("an answer that cannot be read fails the run without another attempt", arguments: ["{}", "null", #"{"attempt":1,"output":{}}"#])
    func unreadable(data: String) async throws {
        let host = ParkingHost(on: clock, handsOut: true)
        _ = try await drive(host, twice)
        host.signal("//1", data, id: "w")
        let error = await caught { try await drive(host, twice) }
        #expect(error?.code == "bad_output")
        #expect(error?.attempt == 1)
    }

    @Test("a run that is cancelled while its work is elsewhere is undone")
    func cancelled() async throws {
        let host = ParkingHost(on: clock, handsOut: true)
        _ = try await drive(host)
        let control = RunControl()
        control.stop(.cancelled(reason: "enough"))
        #expect(await caught { try await host.drive(workflow(), control: control) }?.category == .cancelled)
    }

    @Test("where the host hands nothing out the run is not put down while a worker works, and the work begins anew in another process")
    func workersHere() async throws {
        let (host, control, asked) = (ParkingHost(on: clock), RunControl(), Journal<WorkRequest>())
        let dying = LocalWorkers().serving("payments") { request in
            asked.add(request)
            control.stop(.handBack)
            try await untilCancelled()
            return .failure()
        }
        let config = TaskConfig(retry: .none, attemptTimeout: .seconds(100))
        #expect(try await host.drive(workflow(config), control: control, workers: dying).summary == "relinquished")
        #expect(host.rows.map(\.kind) == [.waiting])
        #expect(host.waits.isEmpty)
        #expect(host.requests.isEmpty)
        let working = LocalWorkers().serving("payments") { request in
            asked.add(request)
            return .receipt(3)
        }
        // The attempt that begins anew has all of its time.
        clock.advance(by: .seconds(1_000))
        #expect(try await host.drive(workflow(config), workers: working).summary == "done")
        #expect(asked.entries.count == 2)
        #expect(Set(asked.entries).count == 1)
        #expect(shipped.entries == [3])
    }

    @Test("work that was not handed out is, once the run's host does that, and work that was is begun anew where it does not")
    func hostThatChanges() async throws {
        let (first, control) = (ParkingHost(on: clock), RunControl())
        let dying = LocalWorkers().serving("payments") { _ in
            control.stop(.handBack)
            try await untilCancelled()
            return .failure()
        }
        #expect(try await first.drive(workflow(), control: control, workers: dying).summary == "relinquished")
        let second = ParkingHost(on: clock, rows: first.rows, handsOut: true)
        #expect(try await drive(second) == "waiting")
        #expect(second.requests.map(\.attempt) == [1])
        let third = ParkingHost(on: clock, rows: second.rows)
        let workers = LocalWorkers().serving("payments") { (_: Payment, request) in Receipt(number: request.attempt) }
        #expect(try await third.drive(workflow(), workers: workers).summary == "done")
        #expect(shipped.entries == [1])
    }

    @Test("what says what the work is done with may fail, and the next attempt is handed out as what it is")
    func requestFails() async throws {
        let (host, config) = (ParkingHost(on: clock, handsOut: true), twice)
        let workflow = Workflow<RemoteOrder>("w", startingAt: .charge) { state in
            switch state {
            case .charge:
                .remote(queue: "payments", config: config, then: .done) { context in
                    if context.attempt == 1 { throw Mishap() }
                    return Payment()
                }
            default: .exit
            }
        }
        #expect(try await host.drive(workflow).summary == "waiting until 60000")
        #expect(host.rows.map(\.kind) == [.attempt])
        clock.advance(by: .seconds(60))
        #expect(try await host.drive(workflow).summary == "waiting")
        #expect(host.requests.map(\.attempt) == [2])
        host.answer(host.requests[0], .receipt(1))
        #expect(try await host.drive(workflow).summary == "done")
    }

    @Test("a row that a stopped run has given up on is written without the work that was to be handed out with it")
    func givenUpOn() async throws {
        let (control, log) = (RunControl(), LogThatIsAway())
        log.onOutage { control.stop(.cancelled(reason: nil)) }
        let workflow = Workflow<RemoteOrder>("w", startingAt: .ship) { state in
            switch state {
            case .ship:
                .sagaStep("book", config: .minimal, then: .charge) { _ in
                    1
                } undo: { _, _ in
                }
            case .charge: .remote(queue: "payments", config: .minimal, then: .done) { _ in Payment() }
            default: .exit
            }
        }
        var runtime = WorkflowRuntime(clock: clock)
        runtime.checkpointLog = log
        let run = Run<RemoteOrder>(id: "r", start: .fresh(.ship), input: (), control: control, inbox: RunInbox())
        #expect(await caught { try await workflow.drive(run, in: runtime) }?.category == .cancelled)
        #expect(log.offered == [true, false])
        #expect(log.rows.map(\.kind) == [.stateEntry, .compensationCompletion, .waiting, .rollbackStart, .compensated])
    }

    @Test("a pause after a failure of a worker here is kept by the host, and the attempts count on")
    func pauseOfWorkersHere() async throws {
        let (host, attempts) = (ParkingHost(on: clock), Journal<Int>())
        let workers = LocalWorkers().serving("payments") { request in
            attempts.add(request.attempt)
            return request.attempt == 1 ? .failure() : .receipt(1)
        }
        #expect(try await host.drive(workflow(twice), workers: workers).summary == "waiting until 60000")
        clock.advance(by: .seconds(60))
        #expect(try await host.drive(workflow(twice), workers: workers).summary == "done")
        #expect(attempts.entries == [1, 2])
    }

    @Test("a run whose log is in memory is resumed with the attempt it was in")
    func checkpointStore() async throws {
        let (store, asked) = (InMemoryCheckpointStore(), Journal<WorkRequest>())
        var runtime = WorkflowRuntime(clock: clock, checkpoints: store)
        let begun = Gate()
        runtime.workers = LocalWorkers().serving("payments") { request in
            asked.add(request)
            begun.open()
            try await untilCancelled()
            return .failure()
        }
        let run = workflow().start(as: "r", in: runtime)
        await begun.pass()
        run.stop(.handBack)
        #expect(await caught { try await run.output() }?.code == "relinquished")
        runtime.workers = LocalWorkers().serving("payments") { request in
            asked.add(request)
            return .receipt(5)
        }
        #expect(try await workflow().resume("r", in: runtime) == .done)
        #expect(asked.entries.count == 2)
        #expect(Set(asked.entries).count == 1)
    }

    @Test(
        "whichever rows the processes of a run die at, each attempt is handed out once, and the visit comes to one end",
        arguments: [1, 2, 3])
    func everyDeath(attempts: Int) async throws {
        let config = TaskConfig(retry: .fixed(retries: 2, delay: .seconds(60)))
        let deaths = (0..<3).flatMap { row in [true, false].map { ParkingHost.Death(row: row, isWritten: $0) } }
        for (first, second) in [(0, 1), (0, 2), (1, 2), (1, 3), (2, 3), (2, 4), (3, 4), (3, 5), (4, 5), (5, 6)] {
            for one in deaths {
                for other in deaths {
                    let clock = ManualClock(unixMilliseconds: 0)
                    let (host, shipped) = (ParkingHost(on: clock, handsOut: true), Journal<Int>())
                    let workflow = Workflow.charging(config, shipping: shipped)
                    var (end, answered) = ("", 0)
                    for life in 0..<30 where end != "done" {
                        end = try await host.drive(workflow, until: life == first ? one : life == second ? other : nil).summary
                        guard end.hasPrefix("waiting") else { continue }
                        if end != "waiting" {
                            clock.advance(by: .seconds(60))
                        } else if host.requests.count > answered {
                            answered += 1
                            host.answer(host.requests[answered - 1], answered < attempts ? .failure() : .receipt(answered))
                        }
                    }
                    #expect(end == "done")
                    #expect(host.requests.map(\.attempt) == Array(1...attempts), "\(one) in \(first), \(other) in \(second)")
                    #expect(host.unread.isEmpty && !host.wasTouchedAfterDeath)
                    #expect(Set(shipped.entries) == [attempts])
                    #expect(clock.unixMilliseconds == Int64(attempts - 1) * 60_000)
                }
            }
        }
    }
}

/// A log that hands work out, and is away the first time a run begins to wait.
private final class LogThatIsAway: CheckpointLog {
    private struct State {
        var rows: [CheckpointRow] = []
        /// Whether each row of a wait came with work.
        var offered: [Bool] = []
        var outage: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())
    let handsOut = true

    var rows: [CheckpointRow] { state.withLock { $0.rows } }
    var offered: [Bool] { state.withLock { $0.offered } }

    func onOutage(_ body: @escaping @Sendable () -> Void) { state.withLock { $0.outage = body } }

    func append(_ row: CheckpointRow, to run: RunID) async throws {
        state.withLock { state in
            if row.kind == .waiting { state.offered.append(row.request != nil) }
            state.rows.append(row)
        }
    }

    func beginWaiting(_ wait: RunWait, with row: CheckpointRow, of run: RunID) async throws -> WaitBeginning {
        let outage = state.withLock { state in
            state.offered.append(row.request != nil)
            return state.outage
        }
        outage?()
        throw Mishap()
    }
}
