import CanoCore
import CanoTesting
import Testing

/// Rollbacks whose host keeps the pauses between attempts.
@Suite(.timeLimit(.minutes(5))) struct WaitingRollbackTests {
    private typealias Order = PutDownTests.Order

    private let clock = ManualClock(unixMilliseconds: 0)

    @Test("a rollback waits elsewhere for the next attempt to undo a step, and goes on with it")
    func rollback() async throws {
        let (host, journal) = (ParkingHost(on: clock), Journal<String>())
        let workflow = Workflow<Order>("w", startingAt: .ask) { state in
            switch state {
            case .ask:
                .sagaStep("book", undoConfig: TaskConfig(retry: .fixed(retries: 3, delay: .seconds(60))), then: .act) { _ in
                    1
                } undo: {
                    context, _ in
                    journal.add("undo \(context.attempt)")
                    if context.attempt < 3 { throw Mishap() }
                }
            case .act: .task(config: .minimal) { _ in throw Mishap() }
            default: .exit
            }
        }
        for until in [60_000, 120_000] as [Int64] {
            guard case .waiting(until) = try await host.drive(workflow) else { return #expect(Bool(false)) }
            clock.advance(by: .seconds(60))
        }
        let error = await #expect(throws: CanoError.self) { try await host.drive(workflow) }
        #expect(error?.rollback == .clean)
        #expect(journal.entries == ["undo 1", "undo 2", "undo 3"])
    }

    @Test("what failed going forward costs undoing it none of its attempts")
    func attemptsOfARollback() async throws {
        let (host, journal) = (ParkingHost(on: clock), Journal<String>())
        let workflow = Workflow<Order>("w", startingAt: .ask) { state in
            switch state {
            case .ask:
                .sagaStep("book", undoConfig: TaskConfig(retry: .fixed(retries: 1, delay: .seconds(60))), then: .act) { _ in
                    1
                } undo: {
                    context, _ in
                    journal.add("undo \(context.attempt)")
                    if context.attempt == 1 { throw Mishap() }
                }
            case .act:
                .task(config: TaskConfig(retry: .fixed(retries: 2, delay: .seconds(10)))) { context in
                    journal.add("act \(context.attempt)")
                    throw Mishap()
                }
            default: .exit
            }
        }
        for until in [10_000, 20_000, 80_000] as [Int64] {
            guard case .waiting(until) = try await host.drive(workflow) else { return #expect(Bool(false)) }
            clock.advance(by: .milliseconds(until - clock.unixMilliseconds))
        }
        let error = await #expect(throws: CanoError.self) { try await host.drive(workflow) }
        #expect(error?.rollback == .clean)
        #expect(journal.entries == ["act 1", "act 2", "act 3", "undo 1", "undo 2"])
    }

    @Test("a rollback that has left a step behind spends its pauses in place, so that it comes to its end")
    func partialRollback() async throws {
        let (host, journal) = (ParkingHost(on: clock), Journal<String>())
        let workflow = Workflow<Order>("w", startingAt: .ask) { state in
            switch state {
            case .ask:
                .sagaStep("first", undoConfig: TaskConfig(retry: .fixed(retries: 1, delay: .seconds(60))), then: .act) { _ in
                    1
                } undo: {
                    context, _ in
                    journal.add("undo first \(context.attempt)")
                    if context.attempt == 1 { throw Mishap() }
                }
            case .act:
                .sagaStep("second", undoConfig: TaskConfig(retry: .fixed(retries: 1, delay: .seconds(60))), then: .refused) { _ in
                    1
                } undo: {
                    context, _ in
                    journal.add("undo second \(context.attempt)")
                    throw Mishap()
                }
            case .refused: .task(config: .minimal) { _ in throw Mishap() }
            default: .exit
            }
        }
        guard case .waiting(until: 60_000) = try await host.drive(workflow) else { return #expect(Bool(false)) }
        clock.advance(by: .seconds(60))
        let error = await #expect(throws: CanoError.self) { try await clock.skippingWaits { try await host.drive(workflow) } }
        #expect(error?.rollback == .partial)
        #expect(journal.entries == ["undo second 1", "undo second 2", "undo first 1", "undo first 2"])
        #expect(clock.unixMilliseconds == 120_000)
    }

    @Test("attempts on record at undoing one step are none at another, which a resume comes to first")
    func attemptsAtAnotherStep() async throws {
        let (host, journal) = (ParkingHost(on: clock), Journal<String>())
        func workflow(knowingSecond isKnown: Bool) -> Workflow<Order> {
            Workflow<Order>("w", startingAt: .ask) { state in
                switch state {
                case .ask:
                    .sagaStep("first", undoConfig: TaskConfig(retry: .fixed(retries: 1, delay: .seconds(60))), then: .act) { _ in
                        1
                    } undo: {
                        context, _ in
                        journal.add("undo first \(context.attempt)")
                        if context.attempt == 1 { throw Mishap() }
                    }
                case .act:
                    .sagaStep(isKnown ? "second" : "renamed", undoConfig: .minimal, then: .refused) { _ in
                        1
                    } undo: { context, _ in
                        journal.add("undo second \(context.attempt)")
                    }
                case .refused: .task(config: .minimal) { _ in throw Mishap() }
                default: .exit
                }
            }
        }
        // A release that has lost the second step passes it over, and begins to undo the first one.
        let dies = ParkingHost.Death(row: 6, isWritten: false)
        guard case .relinquished = try await host.drive(workflow(knowingSecond: true), until: dies) else { return #expect(Bool(false)) }
        #expect(host.rows.last?.kind == .rollbackStart)
        guard case .waiting(until: 60_000) = try await host.drive(workflow(knowingSecond: false)) else { return #expect(Bool(false)) }
        clock.advance(by: .seconds(60))
        // The one that has it again undoes it first, with an attempt of its own.
        guard case .waiting(until: 120_000) = try await host.drive(workflow(knowingSecond: true)) else { return #expect(Bool(false)) }
        clock.advance(by: .seconds(60))
        let error = await #expect(throws: CanoError.self) { try await host.drive(workflow(knowingSecond: true)) }
        #expect(error?.rollback == .clean)
        #expect(journal.entries == ["undo second 1", "undo first 1", "undo second 1", "undo first 1", "undo first 2"])
    }
}
