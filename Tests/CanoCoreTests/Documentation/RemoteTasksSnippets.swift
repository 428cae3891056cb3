import CanoCore
import Foundation
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct RemoteTasksSnippets {
    enum Stage: String, WorkflowState, CaseIterable {
        typealias Output = Stage
        case charge, ship, done, refused
    }

    struct Payment: Codable, Sendable { let cents: Int }

    struct Receipt: Codable, Sendable { let number: Int }

    struct Bank: Sendable {
        let keys = Journal<String>()

        func charge(_ payment: Payment, key: String) async throws -> Receipt {
            keys.add(key)
            return Receipt(number: payment.cents / 10)
        }
    }

    @Test("a worker charges, and its receipt is handed on")
    func line() async throws {
        let (bank, shipped) = (Bank(), Journal<Int>())
        // snippet.workflow
        let orders = Workflow<Stage>("orders", startingAt: .charge) { state in
            switch state {
            case .charge: .remote(queue: "payments", giving: Receipt.self, then: .ship) { _ in Payment(cents: 1_250) }
            case .ship: .step(taking: Receipt.self, then: .done) { receipt, _ in shipped.add(receipt.number) }
            case .done, .refused: .exit
            }
        }
        // snippet.end
        // snippet.workers
        var runtime = WorkflowRuntime()
        runtime.workers = LocalWorkers().serving("payments") { (payment: Payment, request) in
            try await bank.charge(payment, key: request.idempotencyKey)
        }
        // snippet.end
        #expect(try await orders.run(as: "r", in: runtime) == .done)
        #expect(shipped.entries == [125])
        #expect(bank.keys.entries == ["r/charge/1"])
    }

    // snippet.task
    struct Charge: RemoteTask {
        func queue(_ context: TaskContext<Stage>) -> WorkerQueue {
            WorkerQueue("payments", lease: .seconds(30), queueTime: .seconds(3_600))
        }

        func request(_ context: TaskContext<Stage>) async throws -> Payment { Payment(cents: 1_250) }

        func next(after receipt: Receipt, _ context: TaskContext<Stage>) async throws -> Stage {
            receipt.number == 0 ? .refused : .ship
        }
    }
    // snippet.end

    @Test("a queue says how many requests it takes at once")
    func capacity() {
        // snippet.capacity
        let printers = WorkerQueue("print", lease: .seconds(30), capacity: 8)
        // snippet.end
        #expect(printers.capacity == 8 && printers.queueTime == nil)
    }

    @Test("a task decides by what a worker answers")
    func task() async throws {
        let orders = Workflow<Stage>("orders", startingAt: .charge) { $0 == .charge ? .task(Charge()) : .exit }
        var runtime = WorkflowRuntime()
        runtime.workers = LocalWorkers().serving("payments") { (_: Payment, _) in Receipt(number: 0) }
        #expect(try await orders.run(in: runtime) == .refused)
    }

    struct Refund: Codable, Sendable {
        var receipt: Int?
        var cents: Int?
    }

    @Test("a worker pays back what it was paid, also where it is not known whether it was", arguments: [true, false])
    func undone(isKnown: Bool) async throws {
        let refunds = Journal<Refund>()
        // snippet.undo
        let orders = Workflow<Stage>("orders", startingAt: .charge) { state in
            switch state {
            case .charge:
                .remote(
                    "charge", queue: "payments", giving: Receipt.self, then: .ship,
                    undo: .byWorker(of: "payments") { _, receipt in
                        Refund(receipt: receipt.number)
                    } ifUnknown: { _, payment in
                        Refund(cents: payment.cents)
                    }
                ) { _ in Payment(cents: 1_250) }
            case .ship: .step(taking: Receipt.self, then: .done) { _, _ in throw OutOfStock() }
            case .done, .refused: .exit
            }
        }
        // snippet.end
        var runtime = WorkflowRuntime()
        runtime.standardRetry = .none
        runtime.workers = LocalWorkers().serving("payments") { request in
            if request.isUndo {
                refunds.add(try JSONDecoder().decode(Refund.self, from: Data(request.input)))
                return .completed(output: Array("null".utf8))
            }
            return isKnown
                ? .completed(output: Array(#"{"number":7}"#.utf8)) : .failed(WorkFailure(code: "worker_lost", message: "gone"))
        }
        let given = runtime
        let error = await caught { try await orders.run(as: "r", in: given) }
        #expect(error?.rollback == .clean)
        #expect(refunds.entries.map(\.receipt) == [isKnown ? 7 : nil])
        #expect(refunds.entries.map(\.cents) == [isKnown ? nil : 1_250])
    }

    struct OutOfStock: TerminalError {}

    @Test("a step that is done here can be undone by a worker")
    func undoneByWorker() async throws {
        let (bank, refunds) = (Bank(), Journal<Int>())
        let orders = Workflow<Stage>("orders", startingAt: .charge) { state in
            switch state {
            case .charge:
                // snippet.undoneBy
                .sagaStep("charge", undoneBy: "payments", then: .ship) { context in
                    try await bank.charge(Payment(cents: 1_250), key: context.idempotencyKey)
                } undo: { _, receipt in
                    Refund(receipt: receipt.number)
                }
            // snippet.end
            case .ship: .step(taking: Receipt.self, then: .done) { _, _ in throw OutOfStock() }
            case .done, .refused: .exit
            }
        }
        var runtime = WorkflowRuntime()
        runtime.workers = LocalWorkers().serving("payments") { (refund: Refund, _) in refunds.add(refund.receipt ?? 0) }
        let given = runtime
        let error = await caught { try await orders.run(as: "r", in: given) }
        #expect(error?.rollback == .clean)
        #expect(refunds.entries == [125])
    }

    @Test("a branch of a split can be a worker's")
    func branches() async throws {
        // snippet.branches
        let offers = Workflow<Stage>("offers", startingAt: .charge) { state in
            switch state {
            case .charge:
                .split([Branch("bank", queue: "offers") { _ in 100 }, Branch("cash") { _ in 90 }]) { offers, _ in
                    offers.outputs.contains { $0 > 95 } ? .ship : .refused
                }
            default: .exit
            }
        }
        // snippet.end
        var runtime = WorkflowRuntime()
        runtime.workers = LocalWorkers().serving("offers") { (sum: Int, _) in sum - 3 }
        #expect(try await offers.run(in: runtime) == .ship)
    }

    final class Host: CheckpointLog {
        struct Kept {
            var rows: [CheckpointRow] = []
            var requests: [WorkRequest] = []
            var unread: [ReceivedSignal] = []
        }

        let handsOut = true
        let inbox = RunInbox()
        let kept = Mutex(Kept())

        func append(_ row: CheckpointRow, to run: RunID) async throws {
            kept.withLock { kept in
                if let first = row.replaces { kept.rows.removeAll { $0.sequence >= first } }
                kept.rows.append(row)
                if let request = row.request { kept.requests.append(request) }
            }
        }

        func beginWaiting(_ wait: RunWait, with row: CheckpointRow, of run: RunID) async throws -> WaitBeginning {
            try await append(row, to: run)
            return .putDown
        }

        // snippet.host
        func answered(_ request: WorkRequest, with answer: WorkAnswer, by worker: String) {
            let signal = answer.signal(answering: request, id: "\(worker)-\(request.attempt)")
            kept.withLock { $0.unread.append(signal) }
        }
        // snippet.end
    }

    @Test("a host hands work out with the row of the wait, and brings the answer as a signal")
    func host() async throws {
        let host = Host()
        var runtime = WorkflowRuntime()
        runtime.checkpointLog = host
        let orders = Workflow<Stage>("orders", startingAt: .charge) { $0 == .charge ? .task(Charge()) : .exit }
        var run = Run<Stage>(id: "r", start: .fresh(.charge), inbox: host.inbox)
        guard case .waiting(until: nil) = try await orders.drive(run, in: runtime) else { return #expect(Bool(false)) }
        let request = try #require(host.kept.withLock { $0.requests.first })
        #expect(request.queue.lease == .seconds(30))
        host.answered(request, with: .completed(output: Array(#"{"number":7}"#.utf8)), by: "w-1")
        host.inbox.deliver(host.kept.withLock { $0.unread })
        run.start = .resumed(rows: host.kept.withLock { $0.rows })
        #expect(try await orders.drive(run, in: runtime).exitState() == .ship)
    }
}
