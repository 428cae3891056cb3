import NIOCore
import NIOEmbedded
import Testing

@testable import CanoRedis

@Suite("A connection whose writes are to be confirmed", .timeLimit(.minutes(5)))
struct ConfirmedConnectionTests {
    private let wait = "*3\r\n$4\r\nWAIT\r\n$1\r\n1\r\n$3\r\n100\r\n"

    private func get(_ key: String) -> String { "*2\r\n$3\r\nGET\r\n$\(key.utf8.count)\r\n\(key)\r\n" }

    /// A connection with a channel that is ready.
    private func connection() async throws -> (ScriptedConnection, NIOAsyncTestingChannel) {
        let scripted = ScriptedConnection { $0.durability = .replicas(1) }
        try await scripted.connection.keepUp()
        return (scripted, try await scripted.readyChannel())
    }

    private func error(_ result: Result<RESPValue, RedisError>) -> RedisError? {
        if case .failure(let error) = result { error } else { nil }
    }

    @Test("asks with everything that it writes, and passes replies on when it is confirmed")
    func confirmed() async throws {
        let (scripted, channel) = try await connection()
        let first = scripted.send("GET", "a")
        #expect(try await channel.nextWrite() == get("a"))
        #expect(try await channel.nextWrite() == wait)
        let second = scripted.send("GET", "b")
        try await channel.answer(":1\r\n")
        await scripted.loop.run()
        // Neither the first reply nor the second command goes anywhere yet.
        #expect(try await channel.readOutbound(as: ByteBuffer.self) == nil)
        try await channel.answer(":1\r\n")
        #expect(try await first.value.get() == .integer(1))
        #expect(try await channel.nextWrite() == get("b"))
        #expect(try await channel.nextWrite() == wait)
        try await channel.answer(":2\r\n:1\r\n")
        #expect(try await second.value.get() == .integer(2))
    }

    @Test("asks again until there are copies enough")
    func lacking() async throws {
        let (scripted, channel) = try await connection()
        let reply = scripted.send("GET", "a")
        _ = (try await channel.nextWrite(), try await channel.nextWrite())
        try await channel.answer(":1\r\n:0\r\n")
        #expect(try await channel.nextWrite() == wait)
        try await channel.answer(":0\r\n")
        #expect(try await channel.nextWrite() == wait)
        try await channel.answer(":1\r\n")
        #expect(try await reply.value.get() == .integer(1))
    }

    @Test("says at the deadline what is lacking, and goes on with the next")
    func expired() async throws {
        let (scripted, channel) = try await connection()
        let written = scripted.send("GET", "a")
        _ = (try await channel.nextWrite(), try await channel.nextWrite())
        let unwritten = scripted.send("GET", "b")
        try await channel.answer(":1\r\n:0\r\n")
        #expect(try await channel.nextWrite() == wait)
        await scripted.loop.advanceTime(by: .seconds(4))
        try await channel.answer(":0\r\n")
        #expect(try await channel.nextWrite() == wait)
        await scripted.loop.advanceTime(by: .seconds(1))
        let failure = error(await written.value)
        #expect(failure?.code == .timedOut)
        #expect(failure?.mayHaveBeenExecuted == true)
        #expect(failure?.message == "not confirmed within the deadline: 0 of 1 replicas have it")
        #expect(error(await unwritten.value)?.mayHaveBeenExecuted == false)
        let next = scripted.send("GET", "c")
        try await channel.answer(":0\r\n")
        #expect(try await channel.nextWrite() == get("c"))
        #expect(try await channel.nextWrite() == wait)
        try await channel.answer(":3\r\n:1\r\n")
        #expect(try await next.value.get() == .integer(3))
    }

    @Test("leaves a server that is no primary any more, and sends there what may be sent again")
    func demoted() async throws {
        let (scripted, channel) = try await connection()
        let read = scripted.send("GET", "a", isIdempotent: true)
        _ = (try await channel.nextWrite(), try await channel.nextWrite())
        try await channel.answer(":1\r\n-ERR WAIT cannot be used with replica instances.\r\n")
        await scripted.loop.advanceTime(by: .seconds(2))
        let next = try await scripted.readyChannel()
        #expect(try await next.nextWrite() == get("a"))
        #expect(try await next.nextWrite() == wait)
        try await next.answer(":2\r\n:1\r\n")
        #expect(try await read.value.get() == .integer(2))
    }

    @Test("fails at once where the server can confirm nothing, and says what it needs")
    func refused() async throws {
        let (scripted, channel) = try await connection()
        let reply = scripted.send("GET", "a")
        _ = (try await channel.nextWrite(), try await channel.nextWrite())
        try await channel.answer(":1\r\n-NOPERM User bridge has no permissions to run the 'wait' command\r\n")
        let failure = error(await reply.value)
        #expect(failure?.code == .unconfirmable)
        #expect(failure?.mayHaveBeenExecuted == true)
        #expect(failure?.message.contains("+wait") == true)
    }

    @Test("ends gracefully although replies wait that no server will confirm")
    func ending() async throws {
        let (scripted, channel) = try await connection()
        let reply = scripted.send("GET", "a")
        _ = (try await channel.nextWrite(), try await channel.nextWrite())
        try await channel.answer(":1\r\n:0\r\n")
        scripted.connection.shutDown(gracefully: true)
        await scripted.loop.advanceTime(by: .seconds(5))
        #expect(error(await reply.value)?.code == .timedOut)
        await scripted.connection.untilClosed()
    }

    @Test("of its own, for reads that block, asks for nothing")
    func dedicated() async throws {
        let scripted = ScriptedConnection(use: .dedicated) { $0.durability = .replicas(1) }
        let reply = scripted.send("GET", "a")
        let channel = try await scripted.readyChannel()
        #expect(try await channel.nextWrite() == get("a"))
        try await channel.answer(":1\r\n")
        #expect(try await reply.value.get() == .integer(1))
        #expect(try await channel.readOutbound(as: ByteBuffer.self) == nil)
    }

    @Test("sends again at the other node what this one has refused, and nothing more to this one")
    func moved() async throws {
        let scripted = ScriptedConnection {
            $0.durability = .replicas(1)
            $0.clusterKey = "a"
        }
        try await scripted.connection.keepUp()
        let channel = try await scripted.nextChannel()
        _ = try await channel.nextWrite()
        try await channel.answer("*0\r\n+PONG\r\n")
        let reply = scripted.send("GET", "a")
        #expect(try await channel.nextWrite() == get("a"))
        #expect(try await channel.nextWrite() == wait)
        try await channel.answer("-MOVED 15495 10.0.0.7:7001\r\n:1\r\n")
        let next = try await scripted.readyChannel()
        #expect(try await next.nextWrite() == get("a"))
        #expect(try await next.nextWrite() == wait)
        try await next.answer(":1\r\n:1\r\n")
        #expect(try await reply.value.get() == .integer(1))
        #expect(scripted.addresses.last == "10.0.0.7:7001")
    }

    @Test("ends gracefully although a reply comes after its deadline and is never confirmed")
    func lateReply() async throws {
        let (scripted, channel) = try await connection()
        let reply = scripted.send("GET", "a")
        _ = (try await channel.nextWrite(), try await channel.nextWrite())
        await scripted.loop.advanceTime(by: .seconds(5))
        #expect(error(await reply.value)?.code == .timedOut)
        scripted.connection.shutDown(gracefully: true)
        try await channel.answer(":1\r\n:0\r\n")
        await scripted.connection.untilClosed()
    }

    @Test("gives a connection up on which a question is not answered although no caller is left")
    func silence() async throws {
        let (scripted, channel) = try await connection()
        let first = scripted.send("GET", "a")
        _ = (try await channel.nextWrite(), try await channel.nextWrite())
        await scripted.loop.advanceTime(by: .seconds(1))
        try await channel.answer(":1\r\n")
        await scripted.loop.advanceTime(by: .seconds(4))
        #expect(error(await first.value)?.code == .timedOut)
        let second = scripted.send("GET", "b")
        await scripted.loop.run()
        await scripted.loop.advanceTime(by: .seconds(5))
        #expect(error(await second.value)?.mayHaveBeenExecuted == false)
        #expect(!channel.isActive)
    }

    @Test("asks after a pause again where the mark was refused")
    func refusedMark() async throws {
        let scripted = ScriptedConnection {
            $0.durability = .replicas(1)
            $0.durabilityMark = ["SET", "m", "1"]
        }
        try await scripted.connection.keepUp()
        let channel = try await scripted.readyChannel()
        let reply = scripted.send("GET", "a")
        let question = "*3\r\n$3\r\nSET\r\n$1\r\nm\r\n$1\r\n1\r\n" + wait
        #expect(try await channel.nextWrite() == get("a"))
        #expect(try await channel.nextWrite() == question)
        try await channel.answer(":1\r\n-MISCONF no snapshot\r\n:1\r\n")
        #expect(try await channel.readOutbound(as: ByteBuffer.self) == nil)
        await scripted.loop.advanceTime(by: .milliseconds(100))
        #expect(try await channel.nextWrite() == question)
        try await channel.answer("+OK\r\n:1\r\n")
        #expect(try await reply.value.get() == .integer(1))
    }
}
