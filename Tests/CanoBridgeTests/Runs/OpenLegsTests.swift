import CanoBus
import CanoCore
import Testing

@testable import CanoBridge

@Suite("The parts of a run whose work workers do", .timeLimit(.minutes(5)))
struct OpenLegsTests {
    private static let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    private let run: RunIdentity
    private var legs = OpenLegs()

    init() throws {
        let bridge = try ScriptedBridge()
        run = bridge.bus.identity(of: "a", workflow: "w", version: "1", epoch: 1, trace: TraceContext(parent: Self.trace))
    }

    private func row(
        _ kind: RowKind = .waiting, visit: Int = 1, branch: Int? = nil, asks queue: WorkerQueue? = nil, toUndo: Bool = false,
        attempt: Int = 1, until end: Int64? = nil
    ) -> CheckpointRow {
        var row = CheckpointRow(sequence: 1, kind: kind, state: "charge", task: "card", visit: visit, branch: branch)
        row.request = queue.map {
            WorkRequest(
                queue: $0, run: "a", workflow: "w", state: "charge", task: "card", visit: visit, branch: branch, isUndo: toUndo,
                attempt: attempt, attempts: 4, idempotencyKey: "key", input: Array("5".utf8))
        }
        row.request?.until = end
        return row
    }

    private mutating func write(_ rows: CheckpointRow..., nonce: String = "n") -> TaskChanges {
        legs.write(rows, of: run) { nonce }
    }

    @Test("are handed out with their rows, for as long as their waits last")
    mutating func handed() {
        let changes = write(
            row(branch: 1, asks: WorkerQueue("mail", lease: .seconds(3), queueTime: .seconds(9), capacity: 7), until: 90))
        #expect(
            changes.handed == [
                HandedTask(
                    queue: "mail", leg: "//1.1", attempt: 1, nonce: "n", lease: 3_000, queueUpTo: 9_000, capacity: 7, state: "charge",
                    name: "card",
                    attempts: 4, until: 90, idempotencyKey: "key", input: Array("5".utf8), traceparent: Self.trace)
            ])
        #expect(changes.closed.isEmpty && legs.queues == ["mail"] && legs.queue(of: "//1.1") == "mail" && legs.queue(of: "go") == nil)
    }

    @Test("keep one nonce over all attempts of a visit, and have another one in the next")
    mutating func nonces() {
        #expect(write(row(asks: "mail"), nonce: "first").handed.map(\.nonce) == ["first"])
        #expect(write(row(.attempt), nonce: "second").isEmpty)
        #expect(write(row(asks: "mail", attempt: 2), nonce: "third").handed.map(\.nonce) == ["first"])
        let next = write(row(visit: 2, asks: "mail"), nonce: "fourth")
        #expect(next.handed.map(\.nonce) == ["fourth"] && next.closed == [TaskChanges.ClosedLeg(leg: "//1", queue: "mail")])
    }

    @Test("are over with their visit, or when the run is undone")
    mutating func closed() {
        for end in [row(.stateEntry, visit: 2), row(.compensationCompletion), row(.rollbackStart, visit: 1)] {
            _ = write(row(asks: "mail"))
            #expect(write(end).closed == [TaskChanges.ClosedLeg(leg: "//1", queue: "mail")])
            #expect(legs.queues.isEmpty && write(end).isEmpty)
        }
    }

    @Test("are over with their branch, and no other")
    mutating func branches() {
        _ = write(row(branch: 0, asks: "mail"), row(branch: 1, asks: "print"))
        #expect(write(row(.branchEnd, branch: 1)).closed == [TaskChanges.ClosedLeg(leg: "//1.1", queue: "print")])
        #expect(write(row(.branchEnd, branch: 2)).isEmpty && legs.queues == ["mail"])
    }

    @Test("that undo a step are opened while the run is undone, with a nonce of their own, and are over with the step or with the next one")
    mutating func undoing() {
        for end in [row(.compensated, visit: 2), row(.compensated, visit: 1), row(.attempt, visit: 1)] {
            legs = OpenLegs()
            _ = write(row(visit: 2, asks: "mail"), nonce: "work")
            #expect(write(row(.rollbackStart, visit: 3)).closed.map(\.leg) == ["//2"])
            let changes = write(row(visit: 2, asks: "mail", toUndo: true), nonce: "undo")
            #expect(changes.closed.isEmpty && changes.handed.map(\.leg) == ["//2-undo"] && changes.handed.map(\.nonce) == ["undo"])
            #expect(write(row(.attempt, visit: 2)).isEmpty && legs.isOpen("//2-undo") && !legs.isOpen("//2"))
            #expect(write(row(visit: 2, asks: "mail", toUndo: true, attempt: 2), nonce: "new").handed.map(\.nonce) == ["undo"])
            #expect(write(end).closed == [TaskChanges.ClosedLeg(leg: "//2-undo", queue: "mail")])
        }
    }

    @Test("are known of a run that is undone here")
    mutating func continuedUndoing() throws {
        legs = OpenLegs(["//2-undo": try #require(OpenTask("5-1 1 nonce 60000 - print 0 0 -"))])
        #expect(legs.queues == ["print"] && legs.isOpen("//2-undo"))
        #expect(write(row(visit: 2, asks: "print", toUndo: true, attempt: 2), nonce: "new").handed.map(\.nonce) == ["nonce"])
        #expect(write(row(.compensated, visit: 2)).closed.map(\.leg) == ["//2-undo"])
    }

    @Test("are known of a run that goes on here, with those whose worker was lost")
    mutating func continued() throws {
        legs = OpenLegs(
            [
                "//1.0": try #require(OpenTask("- 1 old 60000 - mail 0 1 -")),
                "//1.1": try #require(OpenTask("5-1 1 other 60000 - print 0 0 -")),
            ])
        #expect(legs.queues == ["print"])
        #expect(write(row(branch: 0, asks: "mail", attempt: 2), nonce: "new").handed.map(\.nonce) == ["old"])
        #expect(write(row(.stateEntry, visit: 2)).closed.map(\.leg) == ["//1.0", "//1.1"])
    }

    private func asking(_ branch: Int?, visit: Int = 1, attempt: Int = 1, policy: ParentClosePolicy = .cancel) -> CheckpointRow {
        var row = row(visit: visit, branch: branch, asks: "", attempt: attempt)
        row.request?.child = ChildRequest(run: "a//1", workflow: "far", config: ChildRunConfig(closePolicy: policy))
        return row
    }

    @Test("are children where these are asked for, each with a start of its own")
    mutating func children() {
        let changes = write(asking(0), asking(1, attempt: 2, policy: .leave), row(branch: 2, asks: "mail"))
        #expect(changes.started.map(\.command.run) == ["a//1.0", "a//1.1:2"])
        #expect(changes.started.map(\.policy) == [.cancel, .leave])
        #expect(changes.started.first?.command == StartCommand("far", run: "a//1.0", input: "5", trace: TraceContext(parent: Self.trace)))
        #expect(changes.handed.map(\.queue) == ["mail"])
        #expect(
            legs.queues == ["mail"] && legs.child(of: "//1.0") == "far" && legs.child(of: "//1.2") == nil && legs.queue(of: "//1.0") == nil)
        #expect(write(row(.branchEnd, branch: 0)).closed == [TaskChanges.ClosedLeg(leg: "//1.0", queue: nil)])
        #expect(write(row(.rollbackStart)).closed.map(\.leg) == ["//1.1", "//1.2"])
    }

    @Test("are known of a run that goes on here, and of one that was resumed have children of new ids")
    mutating func resumed() throws {
        legs = OpenLegs([:], children: ["//1": try #require(OpenChild("a//1 1 cancel 5-1 far"))], resumed: 4)
        #expect(legs.isOpen("//1") && !legs.isOpen("//2") && legs.child(of: "//1") == "far")
        let changes = write(asking(nil, visit: 2))
        #expect(changes.started.map(\.command.run) == ["a//2:1.4"] && changes.closed.map(\.leg) == ["//1"])
    }
}
