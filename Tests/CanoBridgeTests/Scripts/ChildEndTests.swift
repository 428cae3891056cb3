import CanoBus
import CanoCore
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("The end of a child", .timeLimit(.minutes(5)), .sharedRedisServer)
struct ChildEndTests {
    private static let completed = RunEnding.completed(output: #"{"n":1}"#)
    private static let failed = RunEnding(CanoError(.taskExecution, "no", code: "lost"), stopped: nil)
    private static let cancelled = RunEnding(CanoError(.cancelled, "x"), stopped: .cancelled(reason: "enough"))

    @Test("is told to its parent with the script that ends it, and wakes that; sent again it tells no more")
    func told() async throws {
        let answers = [
            (Self.completed, #"{"attempt":1,"output":{"n":1}}"#), (Self.failed, #""code":"lost""#),
            (Self.cancelled, #""code":"cancelled""#),
        ]
        for (ending, data) in answers {
            try await ScriptTable.row { table in
                let sample = try await FamilySample.make(table)
                let call = sample.finish(ending)
                guard case .told(woke: true) = try await table.call(call) else { return #expect(Bool(false), "was not told") }
                let signals = try await sample.answers()
                #expect(signals.map(\.name) == ["//1.0"] && signals.map(\.id) == ["results.1.0/\(table.made)-0"])
                let text = String(decoding: signals.first?.data ?? [], as: UTF8.self)
                #expect(text.contains(data), "\(text)")
                #expect(try await sample.isWoken())
                #expect(try await table.hash(sample.open).keys.sorted() == ["//1.1"])
                #expect(try await table.fields(sample.record)[.signals] == "2")
                try await table.expectNothingWritten {
                    let answer = try await table.call(call)
                    #expect("\(answer)" == "written")
                }
            }
        }
    }

    @Test("asks first where the parent is listed")
    func place() async throws {
        try await ScriptTable.row { table in
            let sample = try await FamilySample.make(table)
            try await table.expectNothingWritten {
                guard case .parent(let place) = try await table.call(sample.finish(Self.completed, knows: false)) else {
                    return #expect(Bool(false), "did not ask")
                }
                #expect(place.workflow == "parent" && place.version == "3")
            }
        }
    }

    @Test("is kept for a parent that is under way, and told to none that waits for it no more")
    func others() async throws {
        try await ScriptTable.row { table in
            let sample = try await FamilySample.make(table, status: "running")
            guard case .told(woke: false) = try await table.call(sample.finish(Self.completed)) else {
                return #expect(Bool(false), "was not told")
            }
            #expect(try await sample.answers().count == 1)
        }
        for change in ["gone", "over", "given up", "another"] {
            try await ScriptTable.row { table in
                let sample = try await FamilySample.make(table)
                switch change {
                case "gone": _ = try await table.redis.execute(DEL(sample.record))
                case "over": try await table.set(sample.record, [.status: "failed"])
                case "given up": _ = try await table.redis.execute(raw: RESPCommand("HDEL", sample.open, "//1.0"))
                default: _ = try await table.redis.execute(HSET(sample.open, "//1.0", "p//1.0:2 2 cancel 1-1 w"))
                }
                #expect("\(try await table.call(sample.finish(Self.completed)))" == "written", "\(change)")
                #expect(try await sample.answers().isEmpty)
                #expect(try await table.fields(table.keys.record(of: sample.child))[.status] == "completed")
            }
        }
    }

    @Test("fails, with nothing written, where a key of the parent holds something else")
    func wrongType() async throws {
        try await ScriptTable.row { table in
            let sample = try await FamilySample.make(table)
            try await table.expectFailure(
                sample.finish(Self.completed), spoiling: [sample.record, sample.inbox, sample.open, sample.waits])
        }
    }

    @Test("of one that was cancelled before it began is told too, once the script knows where the parent is")
    func cancelledBefore() async throws {
        try await ScriptTable.row { table in
            let sample = try await FamilySample.make(table)
            _ = try await table.redis.execute(SET(table.keys.cancellation(of: "p//1.1"), "enough"))
            let command = StartCommand("w", run: "p//1.1")
            let identity = table.bus.identity(of: "p//1.1", workflow: "w", version: "1", epoch: 1, trace: TraceContext())
            var call = Accept(
                command: command, entry: sample.starts[1], run: identity, keys: RunKeys(run: "p//1.1", bus: table.keys),
                limits: BusLimits(),
                row: StepSample.next, notBefore: nil,
                child: ChildEnd(of: "p//1.1", workflow: "w", endedBy: CanoError(.cancelled, "so"), made: table.made), made: table.made)
            guard case .parent(let place) = try await table.call(call) else { return #expect(Bool(false), "did not ask") }
            call.child?.parent = place
            #expect(try await table.call(call) == .cancelled)
            #expect(try await sample.answers().map(\.name) == ["//1.1"])
            #expect(try await sample.isWoken())
        }
    }

    @Test("of one whose start is rejected is told with the reason, once the script knows where the parent is")
    func rejected() async throws {
        try await ScriptTable.row { table in
            let sample = try await FamilySample.make(table)
            let entry = try #require(try await table.redis.execute(XRANGE(table.keys.commands, from: nil, count: 1)).first)
            let refusal = StartCommand("w", run: "p//1.1").refused(.unknownWorkflow, "No bridge has it.")
            var call = Reject(refusal, of: entry, from: .commands, on: table.bus)
            guard case .parent(let place) = try await table.call(call) else { return #expect(Bool(false), "did not ask") }
            call.child?.parent = place
            #expect(try await table.call(call) == .rejected)
            let signals = try await sample.answers()
            let text = String(decoding: signals.first?.data ?? [], as: UTF8.self)
            #expect(signals.map(\.name) == ["//1.1"] && text.contains(#""code":"unknown_workflow""#) && text.contains("No bridge has it."))
            #expect(try await sample.isWoken())
        }
    }

    @Test("of one whose start is rejected is told although an earlier child had its id")
    func rejectedWithOutlived() async throws {
        try await ScriptTable.row { table in
            let sample = try await FamilySample.make(table)
            try await table.set(table.keys.record(of: "p//1.1"), [.status: "failed", .workflow: "w", .entry: "9-9", .events: "7"])
            let entry = try #require(try await table.redis.execute(XRANGE(table.keys.commands, from: nil, count: 1)).first)
            let refusal = StartCommand("w", run: "p//1.1").refused(.unknownWorkflow, "No bridge has it.")
            let known = Reject(ifRunIsKnown: refusal, of: entry, from: .commands, on: table.bus)
            try await table.expectNothingWritten {
                let answer = try await table.call(known)
                #expect(answer == .unknown)
            }
            var call = Reject(refusal, of: entry, from: .commands, on: table.bus)
            guard case .parent(let place) = try await table.call(call) else { return #expect(Bool(false), "did not ask") }
            call.child?.parent = place
            #expect(try await table.call(call) == .rejected)
            #expect(try await sample.answers().map(\.name) == ["//1.1"])
        }
    }

    @Test("of one that is quarantined is told")
    func quarantined() async throws {
        try await ScriptTable.row { table in
            let sample = try await FamilySample.make(table)
            try await table.set(table.keys.record(of: sample.child), [.recoveries: "5", .bridge: "other"])
            try await table.list(sample.child, in: table.leases, at: 1)
            let fields = ["w", "1", "2", "5", ""].map { Array($0.utf8) }
            var call = EndUnclaimed(
                bus: table.bus, candidate: try #require(ClaimCandidate(sample.child, fields)), version: "1", mayTakeOver: true,
                made: table.made)
            guard case .parent(let place) = try await table.call(call) else { return #expect(Bool(false), "did not ask") }
            call.parent = place
            #expect(try await table.call(call) == .quarantined)
            let text = String(decoding: try await sample.answers().first?.data ?? [], as: UTF8.self)
            #expect(text.contains(#""code":"poison""#))
            #expect(try await sample.isWoken())
        }
    }

    @Test("of an earlier parent with the same id does not keep a child from being started")
    func outlived() async throws {
        try await ScriptTable.row { table in
            let sample = try await FamilySample.make(table)
            let id = "p//1.1"
            try await table.set(
                table.keys.record(of: id), [.status: "failed", .workflow: "w", .entry: "9-9", .events: "7", .error: "{}", .epoch: "3"])
            let identity = table.bus.identity(of: id, workflow: "w", version: "1", epoch: 1, trace: TraceContext())
            let call = Accept(
                command: StartCommand("w", run: id), entry: sample.starts[1], run: identity, keys: RunKeys(run: id, bus: table.keys),
                limits: BusLimits(), row: StepSample.next, notBefore: nil,
                child: ChildEnd(of: id, workflow: "w", endedBy: CanoError(.cancelled, "so"), made: table.made), made: table.made)
            #expect(try await table.call(call) == .accepted)
            let record = try await table.fields(table.keys.record(of: id))
            #expect(record[.status] == "running" && record[.error] == nil && record[.events] == "1")
            #expect(record[.parent] == "p" && record[.root] == "p")
            let (_, data) = try await table.event(RunStarted.self)
            #expect(data.parent == "p" && data.root == "p")
        }
    }
}
