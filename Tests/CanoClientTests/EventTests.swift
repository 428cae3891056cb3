import CanoBridge
import CanoBridgeTesting
import CanoBus
import CanoClient
import CanoRedis
import CanoTesting
import Testing

@Suite("The events that a client follows", .serialized, .timeLimit(.minutes(2)))
struct EventTests {
    private struct Enough: Error {}
    private struct Trouble: Error {}

    /// Follows until the events have ended a run.
    private func follow(_ bus: BusClient, consumer: String = "1", through run: String) async throws -> [EventEntry] {
        var events: [EventEntry] = []
        await #expect(throws: Enough.self) {
            try await bus.followEvents(group: "billing", consumer: consumer) { event in
                events.append(event)
                // The next one is asked for only when this one was acknowledged, which ends this follower first.
                if event.type == .runCompleted, event.subject == run { throw Enough() }
            }
        }
        return events
    }

    @Test("come in the order of the run, with data of their own types")
    func followed() async throws {
        try await withBridge {
            try $0.register(answering)
        } run: { bus in
            _ = try await bus.execute(answering.reference, Work(answer: "tea"), id: "a")
            let events = try await follow(bus, through: "a")
            #expect(events.map(\.typeName) == ["cano.run.started", "cano.state.entered", "cano.run.completed"])
            #expect(events.map(\.sequence) == [1, 2, 3])
            #expect(events.allSatisfy { $0.subject == "a" && $0.workflow == "answering" && $0.epoch == 1 })
            let started = try #require(try events[0].data() as? RunStarted)
            #expect(started.input == #"{"answer":"tea","times":1}"#)
            let completed = try #require(try events[2].data() as? RunCompleted)
            #expect(completed.output == #""tea""#)
        }
    }

    @Test("come again when they were not done with, and not when they were")
    func repeated() async throws {
        try await withBridge {
            try $0.register(answering)
        } run: { bus in
            _ = try await bus.execute(answering.reference, Work(), id: "a")
            await #expect(throws: Trouble.self) {
                try await bus.followEvents(group: "billing", consumer: "1") { event in
                    if event.sequence == 2 { throw Trouble() }
                }
            }
            #expect(try await follow(bus, through: "a").map(\.sequence) == [2, 3])
        }
    }

    @Test("of a consumer that is gone are taken over when that was asked for")
    func takenOver() async throws {
        try await withBridge {
            try $0.register(answering)
        } run: { bus in
            _ = try await bus.execute(answering.reference, Work(), id: "a")
            await #expect(throws: Trouble.self) {
                try await bus.followEvents(group: "billing", consumer: "1") { _ in throw Trouble() }
            }
            var seen: [Int] = []
            await #expect(throws: Enough.self) {
                try await bus.followEvents(group: "billing", consumer: "2", takingOverAfter: .milliseconds(50)) { event in
                    seen.append(event.sequence)
                    if seen.count == 3 { throw Enough() }
                }
            }
            #expect(seen.sorted() == [1, 2, 3])
        }
    }

    @Test("that are kept can be read without a group")
    func read() async throws {
        try await withBridge {
            try $0.register(answering)
        } run: { bus in
            _ = try await bus.execute(answering.reference, Work(), id: "a")
            var types: [String] = []
            let last = try await bus.readEvents { types.append($0.typeName) }
            #expect(types == ["cano.run.started", "cano.state.entered", "cano.run.completed"])
            try await bus.readEvents(after: last) { Issue.record("\($0.id) was read before") }
        }
    }
}
