import CanoBus
import CanoCore
import CanoPrimitives
import CanoRedis
import RedisServerFixture
import Testing

@testable import CanoBridge

@Suite("A store that runs share, on a bridge", .timeLimit(.minutes(2)))
struct SharedStoreTests {
    private enum Step: String, WorkflowState, CaseIterable {
        typealias Output = Int
        case book, tell, booked, full
    }

    private static func workflows(_ gate: Gate) throws -> WorkflowRegistry {
        let workflow = Workflow<Step>("booking", startingAt: .book) { state in
            switch state {
            case .book:
                .task("book") { context in
                    let seats = try context.store(named: "seats")
                    _ = try await context.store.increment("tries", by: 1)
                    let isMine = try await seats.putIfAbsent("\(context.runID)", for: "12A")
                    _ = try await seats.increment("asked", by: 1)
                    try await seats.append("\(context.runID)", to: StoreKey<[String]>("who"))
                    if context.runID == "held" { await gate.pass() }
                    return isMine ? .tell : .full
                }
            case .tell:
                .task("tell") { context in
                    try await context.store(named: "seats").put(true, for: "told")
                    return .booked
                }
            case .booked, .full: .exit { run in try await run.store.require("tries") }
            }
        }
        var registry = WorkflowRegistry()
        try registry.register(workflow)
        return registry
    }

    @Test("gets what a step wrote with the step, and a step whose write no longer fits is done again")
    func conflict() async throws {
        let gate = Gate()
        try await withRedisServer { server in
            try await BusWatcher.watch(server.url) { watcher in
                try await withBridge(on: server.url, workflows: try Self.workflows(gate)) {
                    $0.events = EventLevels(.tasks)
                } _: { _ in
                    try await watcher.publish(("type", "start"), ("workflow", "booking"), ("id", "held"))
                    try await watcher.wait(for: "cano.task.started", about: "held")
                    try await watcher.publish(("type", "start"), ("workflow", "booking"), ("id", "first"))
                    try await watcher.wait(for: "cano.run.completed", about: "first")
                    #expect(try await watcher.record(of: "first")["state"] == "booked")
                    #expect(try await Self.seats(watcher) == ["12A": #""first""#, "asked": "1", "who": #"["first"]"#, "told": "true"])

                    gate.open()
                    try await watcher.wait(for: "cano.run.completed", about: "held")
                }
                let record = try await watcher.record(of: "held")
                #expect(record["state"] == "full")
                #expect(record["output"] == "1", "what the refused try wrote to the run's own store is gone too")
                #expect(record["rows"] == "2")
                #expect(
                    try await Self.seats(watcher)
                        == ["12A": #""first""#, "asked": "2", "who": #"["first","held"]"#, "told": "true"])
                #expect(try await watcher.leftovers() == [0, 0, 0])
                let events = try await watcher.events(about: "held")
                #expect(events.map(\.sequence) == (1...events.count).map { EventEntry.printed(sequence: $0) })
                // It did not enter the state that the refused try had chosen.
                #expect(events.filter { $0.type == "cano.state.entered" }.isEmpty)
                #expect(events.filter { $0.type == "cano.task.succeeded" }.count == 2)
            }
        }
    }

    @Test("fails the run when it holds something to which nothing can be added, and keeps it")
    func unfit() async throws {
        let gate = Gate()
        try await withRedisServer { server in
            try await BusWatcher.watch(server.url) { watcher in
                try await withBridge(on: server.url, workflows: try Self.workflows(gate)) {
                    $0.events = EventLevels(.tasks)
                } _: { _ in
                    try await watcher.publish(("type", "start"), ("workflow", "booking"), ("id", "held"))
                    try await watcher.wait(for: "cano.task.started", about: "held")
                    // The step has seen that there is nothing yet.
                    _ = try await watcher.redis.execute(HSET("cano:store:seats", "asked", "many"))
                    gate.open()
                    try await watcher.wait(for: "cano.run.failed", about: "held")
                }
                let error = try await watcher.record(of: "held")["error"]
                #expect(error?.contains(#""category":"store""#) == true)
                #expect(error?.contains(#""state":"book""#) == true, "the state that wrote it, not the next")
                #expect(try await watcher.events(about: "held").allSatisfy { $0.type != "cano.state.entered" })
                #expect(try await Self.seats(watcher) == ["asked": "many"])
            }
        }
    }

    private enum Trip: String, WorkflowState, CaseIterable {
        case car, hotel, pay, done
    }

    /// Takes something, and gives it back by counting it in a shared store.
    private struct Booking: CompensatableTask {
        let name: String
        let next: Trip
        var config: TaskConfig { .minimal }
        var compensationConfig: TaskConfig { .minimal }

        func run(_ context: TaskContext<Trip>) async throws -> (next: Trip, receipt: Int) { (next, 1) }

        func compensate(_ context: TaskContext<Trip>, _ output: Int) async throws {
            _ = try await context.store(named: "returns").increment(StoreKey<Int>(name), by: output)
        }
    }

    private struct Refused: TerminalError {}

    @Test("keeps a step from being undone when it no longer fits, and the steps before it are undone all the same")
    func unfitCompensation() async throws {
        let workflow = Workflow<Trip>("trip", startingAt: .car) { state in
            switch state {
            case .car: .sagaStep(Booking(name: "car", next: .hotel))
            case .hotel: .sagaStep(Booking(name: "hotel", next: .pay))
            // By then both have been booked; and when it is undone, the count of hotels is none.
            case .pay: .task("pay") { _ in throw Refused() }
            case .done: .exit
            }
        }
        var registry = WorkflowRegistry()
        try registry.register(workflow)
        let workflows = registry
        try await withRedisServer { server in
            try await BusWatcher.watch(server.url) { watcher in
                _ = try await watcher.redis.execute(HSET("cano:store:returns", "hotel", "1.5"))
                try await withBridge(on: server.url, workflows: workflows) { _ in
                    try await watcher.publish(("type", "start"), ("workflow", "trip"), ("id", "a"))
                    try await watcher.wait(for: "cano.run.failed", about: "a")
                }
                let events = try await watcher.events(about: "a").map(\.type)
                #expect(
                    events.suffix(5) == [
                        "cano.compensation.started", "cano.compensation.failed", "cano.compensation.started",
                        "cano.compensation.succeeded", "cano.run.failed",
                    ])
                let record = try await watcher.record(of: "a")
                #expect(record["rollback"] == "partial" && record["resumable"] == "1")
                #expect(try await watcher.redis.execute(HGET("cano:store:returns", "car")) == Array("1".utf8))
            }
        }
    }

    private static func seats(_ watcher: BusWatcher) async throws -> [String: String] {
        var seats: [String: String] = [:]
        for (field, value) in try await watcher.redis.execute(HGETALL("cano:store:seats")) {
            seats[String(decoding: field, as: UTF8.self)] = String(decoding: value, as: UTF8.self)
        }
        return seats
    }
}
