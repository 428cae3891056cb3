import CanoBus
import CanoCore
import CanoRedis
import CanoRedisStores
import Testing

@testable import CanoBridge

@Suite("The tasks of a run that ends", .timeLimit(.minutes(5)), .sharedRedisServer)
struct EndedTasksTests {
    private static let completed = RunEnding.completed(output: "1")
    private static let failed = RunEnding(CanoError(.taskExecution, "no"), stopped: nil)
    private static let answer = InboxSignal.json(of: .completed(output: Array("1".utf8)), to: TaskSample.leg, attempt: 1)

    /// A run of this bridge with tasks on two queues, of which a worker has one, and one whose answer comes from elsewhere.
    private func sample(_ table: ScriptTable) async throws -> TaskSample {
        let sample = try await TaskSample.make(table, status: "running")
        try await table.set(sample.record, [.bridge: "b"])
        try await sample.take()
        try await sample.hand([TaskSample.task("//5", on: "print"), TaskSample.task("//6", on: "closed")])
        _ = try await table.redis.execute(DEL(table.keys.events, table.keys.tasks(on: "closed")))
        _ = try await table.redis.execute(HSET(sample.open, "//6", "- 1 n.1-Z_ 60000 - closed 0 1 -"))
        _ = try await table.redis.execute(HSET(sample.open, "//7", "1-1 1 n.1-Z_ 60000 - elsewhere 0 0 99"))
        try await table.list("a//7", in: table.keys.deadlines, at: 99)
        return sample
    }

    private func finish(
        _ sample: TaskSample, _ ending: RunEnding = completed, replyNames: String = "", queues: String = "mail,print",
        consumes: [String] = []
    ) -> Finish {
        Finish(
            run: sample.step.identity, keys: sample.step.keys, limits: BusLimits(), step: sample.step.counts(events: 1, from: (4, 5)),
            state: "second", ending: ending, replyNames: replyNames, queues: queues,
            lists: StepLists(events: [ending.event(in: "second", after: 7, at: 6)]), consumes: consumes, made: sample.table.made)
    }

    private func expectWithdrawn(_ sample: TaskSample, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let table = sample.table
        #expect(try await sample.entries().isEmpty, sourceLocation: sourceLocation)
        #expect(try await sample.pending().isEmpty, sourceLocation: sourceLocation)
        #expect(try await sample.entries(on: "print").isEmpty, sourceLocation: sourceLocation)
        #expect(try await table.redis.execute(EXISTS(sample.open, table.keys.deadlines)) == 0, sourceLocation: sourceLocation)
    }

    @Test("are withdrawn, from workers too, with the script that ends it; sent again it writes no more", arguments: [true, false])
    func withdrawn(isCompleted: Bool) async throws {
        try await ScriptTable.row { table in
            let sample = try await sample(table)
            try await table.set(sample.record, [.replyTo: "me,you"])
            let call = finish(sample, isCompleted ? Self.completed : Self.failed, replyNames: "me,you")
            try await sample.step.expectAnswer("written", to: call)
            try await expectWithdrawn(sample)
            for name in ["me", "you"] { #expect(try await table.events(on: table.keys.replies(to: name)).count == 1) }
            try await sample.step.expect(call, answers: "written")
        }
    }

    @Test("are on queues that the script asks for first")
    func queues() async throws {
        try await ScriptTable.row { table in
            let sample = try await sample(table)
            for queues in ["", "mail", "print"] {
                guard case .queues(let names) = try await table.call(finish(sample, queues: queues)) else {
                    Issue.record("did not ask for the queues")
                    return
                }
                #expect(Set(names.split(separator: ",")) == ["mail", "print"])
                try await sample.step.expect(finish(sample, queues: queues), answers: #"queues("\#(names)")"#)
            }
            try await sample.step.expectAnswer("written", to: finish(sample, queues: "more,print,mail"))
            try await expectWithdrawn(sample)
        }
    }

    @Test("leave no unread signal behind: answers that no step has consumed are dropped", arguments: [true, false])
    func unread(isCompleted: Bool) async throws {
        for consumed in [[], ["results/5-0"]] {
            try await ScriptTable.row { table in
                let sample = try await sample(table)
                let signals = try await sample.step.fillInbox(["x"])
                for id in ["results/5-0", "results.4/6-0"] { _ = try await table.redis.execute(HSET(sample.inbox, id, Self.answer)) }
                try await table.set(sample.record, [.signals: "3"])
                let call = finish(sample, isCompleted ? Self.completed : Self.failed, consumes: consumed)
                try await sample.step.expectAnswer("written", to: call)
                #expect(try await sample.signals() == (isCompleted ? [] : signals))
                #expect(try await table.fields(sample.record)[.signals] == (isCompleted ? nil : "1"))
                let data = try #require(try await table.events().last?.data())
                #expect(((data as? RunCompleted)?.unreadSignals ?? (data as? RunFailed)?.unreadSignals) == 1)
                try await sample.step.expect(call, answers: "written")
            }
        }
    }

    @Test("are withdrawn when it is quarantined, once their queues are known, and its answers dropped")
    func quarantined() async throws {
        try await ScriptTable.row { table in
            let sample = try await sample(table)
            let signals = try await sample.step.fillInbox(["x"])
            _ = try await table.redis.execute(HSET(sample.inbox, "results/5-0", Self.answer))
            try await table.set(sample.record, [.signals: "2", .recoveries: "5", .bridge: "other"])
            try await table.list("a", in: table.leases, at: 1)
            let fields = ["w", "1", "2", "5", ""].map { Array($0.utf8) }
            var call = EndUnclaimed(
                bus: table.bus, candidate: try #require(ClaimCandidate("a", fields)), version: "1", mayTakeOver: true, made: table.made)
            guard case .queues(let names) = try await table.call(call) else {
                Issue.record("did not ask for the queues")
                return
            }
            call.queues = names
            try await table.expectFailure(call, spoiling: [sample.open, sample.stream, table.keys.deadlines])
            #expect(try await table.call(call) == .quarantined)
            try await expectWithdrawn(sample)
            #expect(try await sample.signals() == signals)
            #expect(try await table.fields(sample.record)[.signals] == "1")
            #expect((try await table.events().last?.data() as? RunFailed)?.unreadSignals == 1)
        }
    }

    @Test("go with it to the bridge that claims it, those that are closed too")
    func claimed() async throws {
        try await ScriptTable.row { table in
            let sample = try await sample(table)
            try await table.list("a", in: table.leases, at: 0)
            let fields = ["w", "1", "2", "0", ""].map { Array($0.utf8) }
            let call = ClaimOfOne(table, try #require(ClaimCandidate("a", fields)), firstRow: StepSample.next)
            try await table.expectFailure(call, spoiling: [sample.open])
            guard case .claimed(let run) = try await table.call(call) else {
                Issue.record("was not claimed")
                return
            }
            #expect(run.openTasks.filter(\.value.isOpen).keys.sorted() == ["//4", "//5", "//7"])
            #expect(run.openTasks["//6"]?.losses == 1 && run.openTasks["//7"]?.deferredUntil == 99)
        }
    }

    @Test("fail the script that ends it, with nothing written, where a key of theirs holds something else")
    func wrongType() async throws {
        try await ScriptTable.row { table in
            let sample = try await sample(table)
            try await table.expectFailure(
                finish(sample), spoiling: [sample.open, sample.stream, table.keys.tasks(on: "print"), table.keys.deadlines])
        }
    }

    @Test("are none of a later run of the same id, whose record was removed by hand")
    func laterLife() async throws {
        try await ScriptTable.row { table in
            let sample = try await sample(table)
            _ = try await table.redis.execute(DEL(sample.record))
            let entry = try await table.publish()
            let call = Accept(
                command: StartCommand("w", run: "a"), entry: entry, run: sample.step.identity, keys: sample.step.keys, limits: BusLimits(),
                row: StepSample.next, notBefore: nil, made: table.made)
            #expect(try await table.call(call) == .accepted)
            #expect(try await table.redis.execute(EXISTS(sample.open)) == 0)
        }
    }
}
