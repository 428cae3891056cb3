import CanoBus
import CanoCore
import CanoRedis
import CanoRedisStores
import Testing

@testable import CanoBridge

/// A parent, `p`, that waits for two children, and one of them, `p//1.0`, under way.
struct FamilySample {
    let table: ScriptTable
    /// The child that is under way.
    let child = "p//1.0"
    /// The entries of the starts of both; that of the second child is still on its stream.
    let starts: [StreamEntryID]

    var record: String { table.keys.record(of: "p") }
    var inbox: String { table.keys.inbox(of: "p") }
    var open: String { table.keys.openTasks(of: "p") }
    /// Where the parent is listed while it waits.
    var waits: String { table.keys.waits(of: "parent", version: "3") }

    static let waiting = #"[[1,"//1.0"],[1,"//1.1"]]"#

    static func make(_ table: ScriptTable, status: String = "waiting", policy: String = "cancel") async throws -> FamilySample {
        let second = try await table.publish([("type", "start"), ("workflow", "w"), ("id", "p//1.1")])
        let sample = FamilySample(table: table, starts: [StreamEntryID(milliseconds: 1, sequence: 1), second])
        try await table.set(
            sample.record, [.status: status, .workflow: "parent", .version: "3", .epoch: "4", .bridge: "c", .waits: waiting, .signals: "1"])
        if status == "waiting" {
            _ = try await table.redis.execute(ZADD(sample.waits, [(score: .infinity, member: "p")]))
        }
        for (branch, start) in sample.starts.enumerated() {
            _ = try await table.redis.execute(
                HSET(sample.open, "//1.\(branch)", "p//1.\(branch) 1 \(policy) \(start) w"))
        }
        try await table.set(
            table.keys.record(of: sample.child),
            [
                .status: "running", .workflow: "w", .version: "1", .bridge: "b", .epoch: "2", .rows: "2", .events: "3", .recoveries: "0",
                .state: "second", .entry: "1-1",
            ])
        try await table.list(sample.child, in: table.leases, at: table.made + 9_000)
        return sample
    }

    var identity: RunIdentity { table.bus.identity(of: child, workflow: "w", version: "1", epoch: 2, trace: TraceContext()) }

    /// The script that ends the child.
    func finish(_ ending: RunEnding, knows place: Bool = true) -> Finish {
        var end = ChildEnd(of: child, workflow: "w", ending, made: table.made)
        if place {
            end?.parent.workflow = "parent"
            end?.parent.version = "3"
        }
        return Finish(
            run: identity, keys: RunKeys(run: child, bus: table.keys), limits: BusLimits(),
            step: StepCounts(rowsBefore: 2, eventsBefore: 3, rowsAfter: 2, eventsAfter: 4), state: "second", ending: ending,
            replyNames: "", lists: StepLists(events: [ending.event(in: "second", after: 7, at: 6)]), consumes: [], child: end,
            made: table.made)
    }

    /// What the parent has got to know.
    func answers() async throws -> [InboxSignal] { Inbox(try await table.redis.execute(HGETALL(inbox))).signals }

    func isWoken() async throws -> Bool { try await table.score(of: "p", in: waits) == 0 }
}
