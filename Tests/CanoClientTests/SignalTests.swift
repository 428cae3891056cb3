import CanoBridgeTesting
import CanoBus
import CanoPrimitives
import CanoRedis
import RedisServerFixture
import Testing

@testable import CanoClient

/// On a server without a bridge: what is published, and what an answer comes to.
@Suite("The signals of a client", .timeLimit(.minutes(5)))
struct SignalTests {
    private struct Approval: Codable, Sendable {
        var by: String
    }

    private static func withClient(_ body: (BusClient) async throws -> Void) async throws {
        try await withRedisServer { server in try await BusClient.with(.patient(server.url), body) }
    }

    private static func published(by bus: BusClient) async throws -> [(id: StreamEntryID, fields: [String: String])] {
        try await bus.first.redis.execute(XRANGE(bus.first.keys.control)).map { entry in
            (
                entry.id,
                Dictionary(entry.fields.map { (String(decoding: $0.name, as: UTF8.self), String(decoding: $0.value, as: UTF8.self)) }) {
                    $1
                }
            )
        }
    }

    /// Answers the first command there is, as a bridge does.
    private static func answerFirst(on bus: BusClient, _ event: (StreamEntryID) -> [Field: String]) async throws {
        var commands: [(id: StreamEntryID, fields: [String: String])] = []
        while commands.isEmpty { commands = try await published(by: bus) }
        let reply = try #require(commands[0].fields["reply_to"])
        let fields = event(commands[0].id).map { (name: $0.key.rawValue, value: Array($0.value.utf8)) }
        _ = try await bus.first.redis.execute(XADD(bus.first.keys.replies(to: reply), fields))
    }

    @Test("are published on the control stream, with what was given and nothing else")
    func fields() async throws {
        try await Self.withClient { bus in
            try await bus.signal("approved", to: "order-1")
            try await bus.signal(
                "approved", data: Approval(by: "ann"), to: "order-1", messageID: "mail/7", keep: .seconds(60), replyName: "desk")
            try await bus.signal("rejected", json: "[1]", to: "order-1")
            #expect(
                try await Self.published(by: bus).map(\.fields) == [
                    ["type": "signal", "id": "order-1", "name": "approved"],
                    [
                        "type": "signal", "id": "order-1", "name": "approved", "data": #"{"by":"ann"}"#, "message_id": "mail/7",
                        "keep_ms": "60000", "reply_to": "desk",
                    ],
                    ["type": "signal", "id": "order-1", "name": "rejected", "data": "[1]"],
                ])
        }
    }

    @Test("are refused before they are published where a name can't be used")
    func names() async throws {
        try await Self.withClient { bus in
            let broken: [() async throws -> Void] = [
                { try await bus.signal("no name", to: "r") }, { try await bus.signal("n", to: "a//b") },
                { try await bus.signal("n", to: "r", messageID: "a b") }, { try await bus.signal("n", to: "r", replyName: "a:b") },
            ]
            for send in broken { #expect(await #expect(throws: BusError.self) { try await send() }?.code == .invalidName) }
            let error = await #expect(throws: ClientError.self) { try await bus.signal("n", data: Double.nan, to: "r") }
            #expect(error?.code == .unencodableInput)
            let published = try await Self.published(by: bus)
            #expect(published.isEmpty)
        }
    }

    @Test("are waited for until a bridge has taken them, whatever else is said of the run")
    func taken() async throws {
        let expected = SignalTaken(name: "approved", messageID: nil, outcome: .early, unread: 1)
        try await Self.withClient { bus in
            async let answer = bus.signalAndWait("approved", to: "order-1")
            try await Self.answerFirst(on: bus) { _ in
                [
                    .id: "order-1/0000000003", .type: "cano.run.completed", .subject: "order-1",
                    .data: RunCompleted(state: "done", output: "1", duration: 1).json,
                ]
            }
            try await Self.answerFirst(on: bus) { entry in
                [.id: "order-1/signal/control/\(entry)", .type: "cano.signal.taken", .subject: "order-1", .data: expected.json]
            }
            #expect(try await answer == expected)
        }
    }

    @Test("are rejected with the reason")
    func rejected() async throws {
        let rejection = CommandRejected(SignalCommand("approved", run: "order-1").runOver, entry: "1-1", fields: [])
        try await Self.withClient { bus in
            let answer = Task { try await bus.signalAndWait("approved", to: "order-1") }
            try await Self.answerFirst(on: bus) { entry in
                [.id: "command/control/\(entry)", .type: "cano.command.rejected", .subject: "order-1", .data: rejection.json]
            }
            let error = await #expect(throws: ClientError.self) { try await answer.value }
            #expect(error?.code == .rejected && error?.rejection == .runOver)
        }
    }

    @Test("are left on the stream where no bridge takes them in time")
    func timedOut() async throws {
        try await Self.withClient { bus in
            let error = await #expect(throws: ClientError.self) {
                try await bus.signalAndWait("approved", to: "order-1", within: .milliseconds(10))
            }
            #expect(error?.code == .timedOut)
            let published = try await Self.published(by: bus)
            #expect(published.count == 1)
        }
    }
}
