import CanoCore
import CanoTesting
import Testing

/// Runs that wait in the process that began them.
@Suite(.timeLimit(.minutes(5))) struct WaitHereTests {
    enum Order: String, WorkflowState, CaseIterable {
        case ask, act, done, refused, expired
        typealias Output = Order
    }

    struct Decision: Codable, Equatable { let by: String }

    private func approval(_ limit: WaitLimit<Order>, log: Journal<String> = Journal()) -> Workflow<Order> {
        Workflow("approval", startingAt: .ask) { state in
            switch state {
            case .ask:
                .wait(
                    forFirst: [
                        Signal("approved", of: Decision.self).map { ("approved", $0.by) },
                        Signal("rejected", of: Decision.self).map { ("rejected", $0.by) },
                    ], limit, leadsTo: [.act, .refused]
                ) { decision, _ in
                    log.add("\(decision.0) by \(decision.1)")
                    return decision.0 == "approved" ? .act : .refused
                }
            case .act: .task { _ in .done }
            case .done, .refused, .expired: .exit
            }
        }
    }

    @Test("the first of two signals decides, and later ones change nothing")
    func first() async throws {
        let log = Journal<String>()
        let run = approval(.forever, log: log).start()
        try run.signal("rejected", Decision(by: "ann"))
        try run.signal("approved", Decision(by: "bob"))
        #expect(try await run.output() == .refused)
        #expect(log.entries == ["rejected by ann"])
    }

    @Test("a signal that nothing waits for is kept for what waits for it later")
    func early() async throws {
        let workflow = Workflow<Order>("two", startingAt: .ask) { state in
            switch state {
            case .ask: .wait(for: Signal("second"), .forever, then: .act)
            case .act: .wait(for: Signal("first"), .forever, then: .done)
            default: .exit
            }
        }
        let run = workflow.start()
        try run.signal("first")
        try run.signal("second")
        #expect(try await run.output() == .done)
    }

    @Test("of two signals with one id the first counts")
    func duplicates() async throws {
        let workflow = Workflow<Order>("twice", startingAt: .ask) { state in
            switch state {
            case .ask: .wait(for: Signal("go"), .forever, then: .act)
            case .act: .wait(for: Signal("go"), .within(.seconds(5), else: .expired), then: .done)
            default: .exit
            }
        }
        let clock = ManualClock()
        let run = workflow.start(in: WorkflowRuntime(clock: clock))
        try run.signal("go", id: "one")
        try run.signal("go", id: "one")
        #expect(try await clock.skippingWaits { try await run.output() } == .expired)
    }

    @Test("a wait whose time is over leads where its limit says, at that time")
    func timeLimit() async throws {
        let clock = ManualClock()
        let run = approval(.within(.seconds(90), else: .expired)).start(in: WorkflowRuntime(clock: clock))
        #expect(try await clock.skippingWaits { try await run.output() } == .expired)
        #expect(clock.now == MonotonicInstant(nanoseconds: 90_000_000_000))
    }

    @Test("a wait for all goes on with the last of them, and has their values in the order of its list")
    func all() async throws {
        let workflow = Workflow<Order>("all", startingAt: .ask) { state in
            switch state {
            case .ask:
                .wait(forAll: [Signal("a", of: Int.self), Signal("b", of: Int.self)], .forever, leadsTo: [.done, .refused]) { values, _ in
                    values == [1, 2] ? .done : .refused
                }
            default: .exit
            }
        }
        let run = workflow.start()
        try run.signal("b", 2)
        try run.signal("a", 1)
        #expect(try await run.output() == .done)
    }

    @Test("a run that waits can be stopped")
    func stop() async throws {
        let run = approval(.forever).start()
        run.stop(.cancelled(reason: "no more"))
        let error = await #expect(throws: CanoError.self) { try await run.output() }
        #expect(error?.category == .cancelled)
    }

    @Test("a signal whose data is something else fails the state, and says which signal and what was wanted")
    func badData() async throws {
        let run = approval(.forever).start()
        try run.signal("approved", 17)
        let error = await #expect(throws: CanoError.self) { try await run.output() }
        #expect(error?.code == "bad_signal")
        #expect(error?.message.contains("\"approved\" is not Decision") == true)
    }

    @Test("a run that nothing can signal fails when it would wait for ever")
    func unreachable() async throws {
        let error = await #expect(throws: CanoError.self) { try await approval(.forever).run() }
        #expect(error?.category == .configuration)
        #expect(error?.message.contains("start(_:)") == true)
    }

    @Test("observers are told what a run waits for and until when")
    func told() async throws {
        let (clock, observer) = (ManualClock(unixMilliseconds: 1_000), RecordingObserver())
        let run = approval(.within(.seconds(2), else: .expired)).start(in: WorkflowRuntime(clock: clock, observers: [observer]))
        _ = try await clock.skippingWaits { try await run.output() }
        let waits = observer.events.compactMap { event in
            if case .waiting(let state, _, let signals, let until) = event { "\(state) \(signals) \(until ?? 0)" } else { String?.none }
        }
        #expect(waits == [#"ask ["approved", "rejected"] 3000"#])
    }
}
