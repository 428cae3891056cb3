import CanoCore
import CanoTesting
import Testing

/// Runs whose host keeps their waits.
@Suite(.timeLimit(.minutes(5))) struct PutDownTests {
    enum Order: String, WorkflowState, CaseIterable {
        case ask, act, refused, done, expired
        typealias Output = Order
    }

    private let clock = ManualClock(unixMilliseconds: 0)

    private func waiting(_ limit: WaitLimit<Order>, _ journal: Journal<String> = Journal()) -> Workflow<Order> {
        Workflow("w", startingAt: .ask) { state in
            switch state {
            case .ask: .wait(for: Signal("go", of: Int.self), limit, then: .act)
            case .act:
                .step(taking: Int.self, then: .done) { value, context in journal.add("act \(value) in visit \(context.visit)") }
            case .refused, .done, .expired: .exit
            }
        }
    }

    @Test("a run that begins to wait is put down, and goes on in the same visit when its signal has come")
    func signalled() async throws {
        let (host, journal) = (ParkingHost(on: clock), Journal<String>())
        let workflow = waiting(.within(.seconds(60), else: .expired), journal)
        guard case .waiting(until: 60_000) = try await host.drive(workflow) else { return #expect(Bool(false)) }
        #expect(host.rows.map(\.kind) == [.waiting])
        #expect(host.waits == [RunWait([OpenWait(signals: ["go"], until: 60_000)])])
        host.signal("other", id: "1")
        host.signal("go", "17", id: "2")
        host.signal("go", "18", id: "3")
        guard case .completed(.done) = try await host.drive(workflow) else { return #expect(Bool(false)) }
        #expect(journal.entries == ["act 17 in visit 2"])
        // What no step has consumed is still there.
        #expect(host.unread.map(\.id) == ["1", "3"])
    }

    @Test("a run that is woken in the process that has put it down goes on there, in the same visit, and resumes nothing")
    func wokenHere() async throws {
        let (host, journal, observer) = (ParkingHost(on: clock), Journal<String>(), RecordingObserver())
        host.signalSoon("go", "17", id: "1")
        guard case .completed(.done) = try await host.drive(waiting(.forever, journal), observers: [observer]) else {
            return #expect(Bool(false))
        }
        #expect(journal.entries == ["act 17 in visit 2"])
        #expect(host.waits.count == 1 && host.unread.isEmpty)
        #expect(!observer.summary.contains { $0.hasPrefix("resumed") })
    }

    @Test("a run whose signal had come before it waits is not put down")
    func early() async throws {
        let (host, journal) = (ParkingHost(on: clock), Journal<String>())
        host.signal("go", "1", id: "a")
        guard case .completed(.done) = try await host.drive(waiting(.forever, journal)) else { return #expect(Bool(false)) }
        #expect(journal.entries == ["act 1 in visit 2"])
        #expect(host.unread.isEmpty)
    }

    @Test("a state is entered and waits with one row, also where what it waits for is there", arguments: [false, true])
    func oneRow(isThere: Bool) async throws {
        let host = ParkingHost(on: clock)
        if isThere { host.signal("go", "1", id: "a") }
        let (observer, workflow) = (RecordingObserver(), waiting(.forever))
        _ = try await host.drive(workflow, observers: [observer])
        let rows = observer.summary.filter { $0.hasPrefix("checkpointWritten") }
        let others = ["checkpointWritten 1 state_entry", "checkpointWritten 2 state_entry"]
        #expect(rows == ["checkpointWritten 0 waiting"] + (isThere ? others : []))
        #expect(observer.summary.contains { $0.hasPrefix("waiting") } == !isThere)
    }

    @Test("a run that is resumed too early goes on waiting until the same moment")
    func tooEarly() async throws {
        let host = ParkingHost(on: clock)
        let workflow = waiting(.within(.seconds(60), else: .expired))
        _ = try await host.drive(workflow)
        clock.advance(by: .seconds(20))
        guard case .waiting(until: 60_000) = try await host.drive(workflow) else { return #expect(Bool(false)) }
        #expect(host.rows.map(\.kind) == [.waiting])
        clock.advance(by: .seconds(40))
        guard case .completed(.expired) = try await host.drive(workflow) else { return #expect(Bool(false)) }
    }

    @Test("a signal that woke a run which dies before its next step wakes it again")
    func dies() async throws {
        let host = ParkingHost(on: clock)
        _ = try await host.drive(waiting(.forever))
        host.signal("go", "5", id: "a")
        let control = RunControl()
        // It is handed back in what follows the wait.
        let dying = Workflow<Order>("w", startingAt: .ask) { state in
            switch state {
            case .ask:
                .wait(forFirst: [Signal("go", of: Int.self)], .forever) { _, _ in
                    control.stop(.handBack)
                    return .act
                }
            default: .exit
            }
        }
        guard case .relinquished = try await host.drive(dying, control: control) else { return #expect(Bool(false)) }
        #expect(host.unread.map(\.id) == ["a"])
        let journal = Journal<String>()
        guard case .completed = try await host.drive(waiting(.forever, journal)) else { return #expect(Bool(false)) }
        #expect(journal.entries == ["act 5 in visit 2"])
        #expect(host.unread.isEmpty)
    }

    @Test("a run that loops keeps a log of one row, and one with steps to undo one row a step besides")
    func compaction() async throws {
        let host = ParkingHost(on: clock)
        let visits = Journal<Int>()
        let workflow = Workflow<Order>("w", startingAt: .ask) { state in
            switch state {
            case .ask:
                .sagaStep("book", then: .act) { _ in
                    1
                } undo: { _, _ in
                }
            case .act:
                .task { context in
                    visits.add(host.rows.count)
                    return context.visit < 20_000 ? .act : .done
                }
            default: .exit
            }
        }
        guard case .completed(.done) = try await host.drive(workflow) else { return #expect(Bool(false)) }
        #expect(Set(visits.entries) == [2])
        #expect(host.rows.map(\.kind) == [.compensationCompletion, .stateEntry])
    }

    @Test("a run with a wait inside a step that fails keeps its signals until there is a row that the failure has led to")
    func failsBehindTheWait() async throws {
        let (host, journal) = (ParkingHost(on: clock), Journal<String>())
        let workflow = Workflow<Order>("w", startingAt: .ask) { state in
            switch state {
            case .ask:
                .wait(
                    forFirst: [Signal("go", of: Int.self)], .forever,
                    config: TaskConfig(retry: .fixed(retries: 1, delay: .seconds(60)))
                ) { value, context in
                    journal.add("\(value) in attempt \(context.attempt)")
                    if context.attempt == 1 { throw Mishap() }
                    return .done
                }
            default: .exit
            }
        }
        host.signal("go", "7", id: "a")
        host.signal("go", "8", id: "b")
        guard case .waiting(until: 60_000) = try await host.drive(workflow) else { return #expect(Bool(false)) }
        // The row of the pause has the signal, which no other wait is to take.
        #expect(host.unread.map(\.id) == ["b"])
        clock.advance(by: .seconds(60))
        guard case .completed(.done) = try await host.drive(workflow) else { return #expect(Bool(false)) }
        #expect(journal.entries == ["7 in attempt 1", "7 in attempt 2"])
        #expect(host.unread.map(\.id) == ["b"])
    }

    @Test("a task that waits twice in one visit takes another signal for each wait, also when it is put down between them")
    func twice() async throws {
        struct Twice: WaitTask {
            let journal: Journal<String>
            func begin(_ context: TaskContext<Order>) async throws -> WaitStep<Order> { .wait(Wait(forFirst: ["go"], upTo: nil)) }
            func wake(_ woken: Woken, _ context: TaskContext<Order>) async throws -> WaitStep<Order> {
                guard case .signals(let signals) = woken else { return .next(.expired) }
                journal.add(signals[0].id)
                return signals[0].id == "a" ? .wait(Wait(forFirst: ["go"], upTo: nil)) : .next(.done)
            }
        }
        let (host, journal) = (ParkingHost(on: clock), Journal<String>())
        let workflow = Workflow<Order>("w", startingAt: .act) { $0 == .act ? .task(Twice(journal: journal)) : .exit }
        host.signal("go", id: "a")
        guard case .waiting(until: nil) = try await host.drive(workflow) else { return #expect(Bool(false)) }
        #expect(host.unread.isEmpty)
        host.signal("go", id: "b")
        guard case .completed(.done) = try await host.drive(workflow) else { return #expect(Bool(false)) }
        #expect(journal.entries == ["a", "b"])
        #expect(host.unread.isEmpty)
    }

    @Test("cancelling a run that waits at its host undoes it when it is resumed")
    func cancelled() async throws {
        let host = ParkingHost(on: clock)
        let workflow = waiting(.forever)
        _ = try await host.drive(workflow)
        let control = RunControl()
        control.stop(.cancelled(reason: "enough"))
        let error = await #expect(throws: CanoError.self) { try await host.drive(workflow, control: control) }
        #expect(error?.category == .cancelled)
    }
}
