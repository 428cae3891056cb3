import CanoBus
import CanoCore
import CanoPrimitives
import CanoRedis
import CanoRedisStores
import Testing

@testable import CanoBridge

@Suite("The script of a step that starts children", .timeLimit(.minutes(5)), .sharedRedisServer)
struct CommitChildrenTests {
    private static let trace = TraceContext(parent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", state: "a=1")

    private func child(_ branch: Int, attempt: Int = 1, policy: ParentClosePolicy = .cancel) -> StartedChild {
        let name = ChildName(parent: "a", leg: "//2.\(branch)", attempt: attempt)
        let request = ChildRequest(
            run: RunID("\(name)"), workflow: "far", version: "7",
            config: ChildRunConfig(timeout: .seconds(9), closePolicy: policy))
        let work = WorkRequest(
            queue: "", run: "a", state: "s", visit: 2, branch: branch, attempt: attempt, input: Array(#"{"n":1}"#.utf8), child: request)
        let parent = RunIdentity(run: "a", workflow: "w", version: "1", bridge: "b", epoch: 2, source: "s", trace: Self.trace)
        return StartedChild(request, for: work, of: parent, resumed: nil)
    }

    private func call(_ sample: StepSample, _ tasks: TaskChanges, puttingDown: Bool = false) -> Commit {
        let wait = OpenedWait(
            waits: [SignalWait(need: 1, signals: ["//2.0"])], waitingFor: "child far", since: 7, wakeAt: nil, isUndoing: false)
        return Commit(
            run: sample.identity, keys: sample.keys, step: sample.counts(rows: 1), state: "s", drops: 0, opens: puttingDown ? wait : nil,
            consumes: [], tasks: tasks, lists: StepLists(rows: [StepSample.next]), shared: nil, made: sample.table.made)
    }

    private func starts(_ table: ScriptTable) async throws -> [StreamEntry] {
        try await table.redis.execute(XRANGE(table.keys.commands, from: nil, count: 100))
    }

    private func cancels(_ table: ScriptTable) async throws -> [[String: String]] {
        try await table.redis.execute(XRANGE(table.keys.inbound(.control), from: nil, count: 100)).map { entry in
            Dictionary(entry.fields.map { (String(decoding: $0.name, as: UTF8.self), String(decoding: $0.value, as: UTF8.self)) }) { $1 }
        }
    }

    @Test("publishes them together with its row, whole, and puts the run down; sent again it writes no more")
    func started() async throws {
        try await ScriptTable.row { table in
            let sample = try await StepSample.make(table)
            let children = [child(0), child(1, attempt: 3, policy: .leave)]
            let call = call(sample, TaskChanges(started: children), puttingDown: true)
            #expect("\(try await table.call(call))" == "waiting")
            let entries = try await starts(table)
            for (entry, child) in zip(entries, children) {
                let command = try CommandParser(limits: BusLimits()).parse(entry.id.description, entry.fields, from: .commands)
                #expect(command == .start(child.command))
            }
            #expect(entries.count == 2 && children[1].command.run == "a//2.1:3")
            let open = try await table.hash(table.keys.openTasks(of: "a"))
            #expect(
                open == [
                    "//2.0": "a//2.0 1 cancel \(entries[0].id) far", "//2.1": "a//2.1:3 3 leave \(entries[1].id) far",
                ])
            #expect(OpenChild(open["//2.1"] ?? "")?.policy == .leave && OpenTask(open["//2.1"] ?? "") == nil)
            #expect(try await table.fields(sample.record)[.waitingFor] == "child far")
            try await table.expectNothingWritten {
                let answer = try await table.call(call)
                #expect("\(answer)" == "waiting")
            }
        }
    }

    @Test("starts none for a run that is to be cancelled")
    func cancelled() async throws {
        try await ScriptTable.row { table in
            let sample = try await StepSample.make(table, [.cancel: "enough"])
            let answer = try await table.call(call(sample, TaskChanges(started: [child(0)]), puttingDown: true))
            #expect("\(answer)" == #"cancelRequested("enough")"#)
            #expect(try await starts(table).isEmpty)
            #expect(try await table.redis.execute(EXISTS(table.keys.openTasks(of: "a"))) == 0)
        }
    }

    @Test("takes the start of one back that no bridge has taken, and cancels one that was, unless it is to be left")
    func closed() async throws {
        for (policy, left, cancelled) in [(ParentClosePolicy.cancel, 0, ["a//2.1"]), (.leave, 1, [])] {
            try await ScriptTable.row { table in
                let sample = try await StepSample.make(table)
                _ = try await table.call(call(sample, TaskChanges(started: [child(0, policy: policy), child(1, policy: policy)])))
                let entries = try await starts(table)
                _ = try await table.redis.execute(XDEL(table.keys.commands, [entries[1].id]))
                let legs = [TaskChanges.ClosedLeg(leg: "//2.0", queue: nil), TaskChanges.ClosedLeg(leg: "//2.1", queue: nil)]
                var call = call(sample, TaskChanges(closed: legs))
                call = Commit(
                    run: call.run, keys: call.keys, step: sample.counts(rows: 1, from: (3, 3)), state: "s", drops: 0, opens: nil,
                    consumes: [], tasks: call.tasks, lists: call.lists, shared: nil, made: table.made)
                #expect("\(try await table.call(call))" == "written")
                #expect(try await starts(table).count == left)
                let commands = try await cancels(table)
                #expect(commands.map { $0["id"] } == cancelled)
                #expect(commands.allSatisfy { $0["type"] == "cancel" && $0["reason"] == "parent_closed" })
                #expect(try await table.redis.execute(EXISTS(table.keys.openTasks(of: "a"))) == 0)
                try await table.expectNothingWritten {
                    let answer = try await table.call(call)
                    #expect("\(answer)" == "written")
                }
            }
        }
    }

    @Test("cancels the child of an earlier attempt that is under way when the next one starts another")
    func replaced() async throws {
        try await ScriptTable.row { table in
            let sample = try await StepSample.make(table)
            _ = try await table.call(call(sample, TaskChanges(started: [child(0)])))
            _ = try await table.redis.execute(XDEL(table.keys.commands, [try await starts(table)[0].id]))
            let first = call(sample, TaskChanges(started: [child(0, attempt: 2)]))
            let next = Commit(
                run: first.run, keys: first.keys, step: sample.counts(rows: 1, from: (3, 3)), state: "s", drops: 0, opens: nil,
                consumes: [],
                tasks: first.tasks, lists: first.lists, shared: nil, made: table.made)
            #expect("\(try await table.call(next))" == "written")
            #expect(try await cancels(table).map { $0["id"] } == ["a//2.0"])
            #expect(try await table.hash(table.keys.openTasks(of: "a"))["//2.0"]?.hasPrefix("a//2.0:2 2 cancel") == true)
        }
    }

    @Test("fails, with nothing written, where a stream of commands holds something else or has used up its ids")
    func wrongType() async throws {
        try await ScriptTable.row { table in
            let sample = try await StepSample.make(table)
            let call = call(sample, TaskChanges(started: [child(0)]))
            let streams = [table.keys.commands, table.keys.inbound(.control)]
            try await table.expectFailure(call, spoiling: streams + [table.keys.openTasks(of: "a")])
            try await table.expectFailure(call, exhausting: [table.keys.commands])
        }
    }

    @Test("of the run's end cancels all that are under way, and withdraws the others")
    func finished() async throws {
        try await ScriptTable.row { table in
            let sample = try await StepSample.make(table)
            _ = try await table.call(call(sample, TaskChanges(started: [child(0), child(1), child(2, policy: .leave)])))
            let entries = try await starts(table)
            _ = try await table.redis.execute(XDEL(table.keys.commands, [entries[1].id, entries[2].id]))
            let ending = RunEnding(CanoError(.taskExecution, "no"), stopped: nil)
            let finish = Finish(
                run: sample.identity, keys: sample.keys, limits: BusLimits(), step: sample.counts(events: 1, from: (3, 3)), state: "s",
                ending: ending, replyNames: "", lists: StepLists(events: [ending.event(in: "s", after: 1, at: 2)]), consumes: [],
                made: table.made)
            try await table.expectFailure(finish, spoiling: [table.keys.inbound(.control)])
            try await table.expectFailure(finish, exhausting: [table.keys.events], but: [table.keys.inbound(.control)])
            #expect("\(try await table.call(finish))" == "written")
            #expect(try await starts(table).isEmpty)
            #expect(try await cancels(table).map { $0["id"] } == ["a//2.1"])
            #expect(try await table.redis.execute(EXISTS(table.keys.openTasks(of: "a"))) == 0)
        }
    }
}
