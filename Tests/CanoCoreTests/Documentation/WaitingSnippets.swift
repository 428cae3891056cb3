import CanoCore
import CanoTesting
import Logging
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct WaitingSnippets {
    struct Payment: Codable, Sendable { let cents: Int }

    struct Verdict: Codable, Sendable { let by: String }

    // snippet.states
    enum Stage: String, WorkflowState, CaseIterable {
        typealias Output = Stage
        case pay, approve, pack, coolOff, ship, done, expired, refused
    }
    // snippet.end

    private func workflow(shipped: Journal<Int>) -> Workflow<Stage> {
        // snippet.workflow
        let orders = Workflow<Stage>("orders", startingAt: .pay) { state in
            switch state {
            case .pay:
                .wait(for: Signal("payment-confirmed", of: Payment.self), .within(.seconds(86_400), else: .expired), then: .ship)
            case .ship:
                .step(taking: Payment.self, then: .approve) { payment, _ in shipped.add(payment.cents) }
            case .approve:
                .wait(
                    forFirst: [
                        Signal("approved", of: Verdict.self).map { (true, $0.by) },
                        Signal("rejected", of: Verdict.self).map { (false, $0.by) },
                    ],
                    .forever, leadsTo: [.pack, .refused]
                ) { verdict, context in
                    context.logger.info("decided by \(verdict.1)")
                    return verdict.0 ? .pack : .refused
                }
            case .pack:
                .wait(forAll: [Signal("picked", of: Int.self), Signal("labelled", of: Int.self)], .forever) { counts, _ in
                    counts[0] == counts[1] ? .coolOff : .refused
                }
            case .coolOff: .timer(.duration(.seconds(3_600)), then: .done)
            case .done, .expired, .refused: .exit
            }
        }
        // snippet.end
        return orders
    }

    @Test("a run waits for the first of several signals, for all of several, and for time")
    func kinds() async throws {
        let (clock, shipped) = (ManualClock(), Journal<Int>())
        let runtime = WorkflowRuntime(clock: clock)
        let orders = workflow(shipped: shipped)
        // snippet.signal
        let run = orders.start(as: "order-1", in: runtime)
        try run.signal("payment-confirmed", Payment(cents: 1_250))
        try run.signal("approved", Verdict(by: "ann"), id: "decision-77")
        // snippet.end
        try run.signal("labelled", 2)
        try run.signal("picked", 2)
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 3_600_000_000_000))
        clock.advance(by: .seconds(3_600))
        #expect(try await run.output() == .done)
        #expect(shipped.entries == [1_250])
    }

    @Test("a wait has a limit, after which another state follows")
    func limit() async throws {
        let clock = ManualClock()
        let orders = workflow(shipped: Journal())
        let end = try await clock.skippingWaits { try await orders.run(in: WorkflowRuntime(clock: clock)) }
        #expect(end == .expired)
    }

    struct Parcels: Sendable {
        let calls = Journal<String>()

        func label(_ run: RunID, key: String) async throws { calls.add(key) }
    }

    // snippet.task
    struct AwaitCarrier: WaitTask {
        let parcels: Parcels

        func begin(_ context: TaskContext<Stage>) async throws -> WaitStep<Stage> {
            try await parcels.label(context.runID, key: context.idempotencyKey)
            return .wait(Wait(forFirst: ["collected", "lost"], upTo: .duration(.seconds(7_200))))
        }

        func wake(_ woken: Woken, _ context: TaskContext<Stage>) async throws -> WaitStep<Stage> {
            guard case .signals(let signals) = woken else { return .next(.expired) }
            return signals[0].name == "collected" ? .next(.done) : .wait(Wait(.duration(.seconds(86_400))))
        }
    }
    // snippet.end

    @Test("a task says itself what to wait for, and may wait again")
    func task() async throws {
        let (clock, parcels) = (ManualClock(), Parcels())
        let orders = Workflow<Stage>("orders", startingAt: .ship) { $0 == .ship ? .task(AwaitCarrier(parcels: parcels)) : .exit }
        let run = orders.start(as: "r", in: WorkflowRuntime(clock: clock))
        try run.signal("lost")
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 86_400_000_000_000))
        clock.advance(by: .seconds(86_400))
        #expect(try await run.output() == .expired)
        #expect(parcels.calls.entries == ["r/ship/1"])
    }

    // snippet.host
    final class Host: CheckpointLog {
        struct Kept {
            var rows: [CheckpointRow] = []
            var unread: [ReceivedSignal] = []
            var wait: RunWait?
        }

        let inbox = RunInbox()
        let kept = Mutex(Kept())

        func append(_ row: CheckpointRow, to run: RunID) async throws { write(row) }

        func beginWaiting(_ wait: RunWait, with row: CheckpointRow, of run: RunID) async throws -> WaitBeginning {
            write(row)
            return kept.withLock { kept in
                if wait.isMet(by: Set(kept.unread.map(\.name))) { return .arrived(kept.unread) }
                kept.wait = wait
                return .putDown
            }
        }

        /// One transaction: the row, and the signals that have led to it.
        private func write(_ row: CheckpointRow) {
            let consumed = inbox.consumed
            kept.withLock { kept in
                if let first = row.replaces { kept.rows.removeAll { $0.sequence >= first } }
                kept.rows.append(row)
                kept.unread.removeAll { consumed.contains($0.id) }
            }
            inbox.settle(consumed)
        }
    }
    // snippet.end

    @Test("a host puts a run down that waits, and resumes it with its signals")
    func host() async throws {
        let orders = workflow(shipped: Journal())
        var report = ""
        // snippet.drive
        let host = Host()
        var runtime = WorkflowRuntime()
        runtime.checkpointLog = host
        var run = Run<Stage>(id: "order-1", start: .fresh(.approve), inbox: host.inbox)
        if case .waiting(let until) = try await orders.drive(run, in: runtime) {
            report = until == nil ? "waits for a signal" : "waits until then at most"
        }
        // snippet.end
        #expect(report == "waits for a signal")
        // snippet.wake
        let signal = ReceivedSignal(id: "decision-77", name: "rejected", data: Array(#"{"by":"bob"}"#.utf8))
        let rows = host.kept.withLock { kept in
            kept.unread.append(signal)
            return kept.rows
        }
        host.inbox.deliver([signal])
        run.start = .resumed(rows: rows)
        let end = try await orders.drive(run, in: runtime).exitState()
        // snippet.end
        #expect(end == .refused)
        #expect(host.kept.withLock { $0.unread.isEmpty && $0.wait?.signals == ["approved", "rejected"] })
    }
}
