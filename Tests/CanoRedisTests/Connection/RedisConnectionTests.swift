import CanoPrimitives
import CanoTesting
import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import CanoRedis

@Suite("A connection", .timeLimit(.minutes(5)))
struct RedisConnectionTests {
    private let ping = "*1\r\n$5\r\nHELLO\r\n*1\r\n$4\r\nPING\r\n"

    private func get(_ key: String) -> String { "*2\r\n$3\r\nGET\r\n$\(key.utf8.count)\r\n\(key)\r\n" }

    private func error(_ result: Result<RESPValue, RedisError>) -> RedisError? {
        if case .failure(let error) = result { error } else { nil }
    }

    @Test("sends its handshake in one write and commands only after it")
    func handshake() async throws {
        let scripted = ScriptedConnection {
            $0.password = "secret"
            $0.database = 1
        }
        try await scripted.connection.keepUp()
        let reply = scripted.send("GET", "a")
        let channel = try await scripted.nextChannel()
        #expect(try await channel.nextWrite() == "*2\r\n$4\r\nAUTH\r\n$6\r\nsecret\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n1\r\n" + ping)
        try await channel.answer("+OK\r\n+OK\r\n")
        #expect(try await channel.readOutbound(as: ByteBuffer.self) == nil)
        try await channel.answer("*0\r\n+PONG\r\n")
        #expect(try await channel.nextWrite() == get("a"))
        try await channel.answer("$1\r\nx\r\n")
        #expect(try await reply.value.get() == .bulk([0x78]))
    }

    @Test("says why there is none, until there is one")
    func problem() async throws {
        let scripted = ScriptedConnection { $0.password = "secret" }
        try await scripted.connection.keepUp()
        #expect(scripted.connection.lastFailure == nil)
        let refused = try await scripted.nextChannel()
        _ = try await refused.nextWrite()
        try await refused.answer("-WRONGPASS invalid username-password pair or user is disabled.\r\n")
        try await eventually("it is refused") { scripted.connection.lastFailure?.description.contains("WRONGPASS") == true }
        await scripted.loop.advanceTime(by: .milliseconds(100))
        let channel = try await scripted.nextChannel()
        _ = try await channel.nextWrite()
        try await channel.answer("+OK\r\n*0\r\n+PONG\r\n")
        try await eventually("it is connected") { scripted.connection.lastFailure == nil }
    }

    @Test("sends what was submitted in one turn with one write")
    func coalescing() async throws {
        let scripted = ScriptedConnection()
        try await scripted.connection.keepUp()
        let channel = try await scripted.readyChannel()
        let replies = Mutex<[RESPValue]>([])
        let connection = scripted.connection
        try await scripted.loop.executeInContext {
            for key in ["a", "b", "c"] {
                connection.send(EncodedCommand(RESPCommand("GET", key)), timeout: .seconds(1)) { result in
                    if case .success(let reply) = result { replies.withLock { $0.append(reply) } }
                }
            }
        }
        await scripted.loop.run()
        #expect(try await channel.nextWrite() == get("a") + get("b") + get("c"))
        try await channel.answer(":1\r\n:2\r\n:3\r\n")
        #expect(replies.withLock { $0 } == [.integer(1), .integer(2), .integer(3)])
    }

    @Test("keeps nothing of a command that was answered")
    func released() async throws {
        let scripted = ScriptedConnection()
        try await scripted.connection.keepUp()
        let channel = try await scripted.readyChannel()
        weak var observed: Gate?
        do {
            let flag = Gate()
            observed = flag
            scripted.connection.send(EncodedCommand(RESPCommand("GET", "a")), timeout: .seconds(1)) { _ in flag.open() }
        }
        _ = try await channel.nextWrite()
        #expect(observed?.isOpen == false)
        try await channel.answer(":1\r\n")
        #expect(observed == nil)
    }

    @Test("drops the reply of a cancelled caller and gives the next its own")
    func cancelled() async throws {
        let scripted = ScriptedConnection()
        try await scripted.connection.keepUp()
        let channel = try await scripted.readyChannel()
        let first = scripted.send("GET", "a")
        _ = try await channel.nextWrite()
        let second = scripted.send("GET", "b")
        _ = try await channel.nextWrite()
        first.cancel()
        let failure = error(await first.value)
        #expect(failure?.code == .cancelled)
        #expect(failure?.mayHaveBeenExecuted == true)
        try await channel.answer("$1\r\na\r\n$1\r\nb\r\n")
        #expect(try await second.value.get() == .bulk([0x62]))
        #expect(channel.isActive)
    }

    @Test("does not send what was cancelled while it waited")
    func cancelledWaiting() async throws {
        let scripted = ScriptedConnection()
        let first = scripted.send("GET", "a")
        first.cancel()
        #expect(error(await first.value)?.mayHaveBeenExecuted == false)
        try await scripted.connection.keepUp()
        let second = scripted.send("GET", "b")
        let channel = try await scripted.readyChannel()
        #expect(try await channel.nextWrite() == get("b"))
        try await channel.answer(":1\r\n")
        _ = try await second.value.get()
    }

    @Test("tells a caller at the deadline and stays in step with the server after it")
    func deadline() async throws {
        let scripted = ScriptedConnection()
        try await scripted.connection.keepUp()
        let channel = try await scripted.readyChannel()
        let first = scripted.send("GET", "a")
        _ = try await channel.nextWrite()
        await scripted.loop.advanceTime(by: .seconds(3))
        let second = scripted.send("GET", "b")
        _ = try await channel.nextWrite()
        // Something came meanwhile, so the server lives: half a reply is enough.
        try await channel.answer("$1\r\n")
        await scripted.loop.advanceTime(by: .seconds(2))
        let failure = error(await first.value)
        #expect(failure?.code == .timedOut)
        #expect(failure?.mayHaveBeenExecuted == true)
        #expect(channel.isActive)
        try await channel.answer("a\r\n$1\r\nb\r\n")
        #expect(try await second.value.get() == .bulk([0x62]))
    }

    @Test("closes a connection that has been silent for a whole deadline")
    func silence() async throws {
        let scripted = ScriptedConnection()
        try await scripted.connection.keepUp()
        let channel = try await scripted.readyChannel()
        let reply = scripted.send("GET", "a")
        _ = try await channel.nextWrite()
        await scripted.loop.advanceTime(by: .seconds(6))
        #expect(error(await reply.value)?.code == .timedOut)
        #expect(!channel.isActive)
        _ = try await scripted.readyChannel()
    }

    @Test("tells a caller at the deadline that nothing was sent while there was no connection")
    func deadlineUnsent() async throws {
        let scripted = ScriptedConnection()
        let reply = scripted.send("GET", "a")
        // The command is in the queue once a later one has been through it.
        let later = scripted.send("GET", "b")
        try await eventually("2 waiting") { await scripted.connection.hasWaiting(2) }
        await scripted.loop.advanceTime(by: .seconds(5))
        let failure = error(await reply.value)
        #expect(failure?.code == .timedOut)
        #expect(failure?.mayHaveBeenExecuted == false)
        _ = await later.value
    }

    @Test("fails what was written, sends the rest and repeats reads on the next channel")
    func reconnect() async throws {
        let scripted = ScriptedConnection()
        try await scripted.connection.keepUp()
        let channel = try await scripted.readyChannel()
        let write = scripted.send("SET", "a", "1")
        _ = try await channel.nextWrite()
        let read = scripted.send("GET", "b", isIdempotent: true)
        _ = try await channel.nextWrite()
        try await channel.close().get()
        let failure = error(await write.value)
        #expect(failure?.code == .connectionClosed)
        #expect(failure?.mayHaveBeenExecuted == true)
        await scripted.loop.advanceTime(by: .milliseconds(50))
        let next = try await scripted.readyChannel()
        #expect(try await next.nextWrite() == get("b"))
        try await next.answer(":2\r\n")
        #expect(try await read.value.get() == .integer(2))
    }

    @Test(
        "leaves a server that is not the one to talk to any more: its address may lead to another",
        arguments: [
            "READONLY You can't write against a read only replica.", "UNBLOCKED force unblock, instance state changed",
            "LOADING Redis is loading the dataset in memory", "MASTERDOWN Link with MASTER is down",
        ])
    func demoted(_ message: String) async throws {
        let scripted = ScriptedConnection()
        try await scripted.connection.keepUp()
        let channel = try await scripted.readyChannel()
        let write = scripted.send("SET", "a", "1")
        _ = try await channel.nextWrite()
        try await channel.answer("-\(message)\r\n")
        // The connection answers what the server says; its callers know whether to repeat.
        #expect(try await write.value.get() == .error(RedisServerError(message: message)))
        await scripted.loop.advanceTime(by: .milliseconds(400))
        let next = try await scripted.readyChannel()
        let again = scripted.send("SET", "a", "1")
        _ = try await next.nextWrite()
        try await next.answer("+OK\r\n")
        #expect(try await again.value.get() == .simple("OK"))
    }

    @Test("follows a slot to the node it has gone to, and sends there what was refused")
    func moved() async throws {
        let scripted = ScriptedConnection()
        try await scripted.connection.keepUp()
        let channel = try await scripted.readyChannel()
        let (first, second) = (scripted.send("SET", "a", "1"), scripted.send("SET", "a", "2"))
        _ = try await channel.nextWrite()
        try await channel.answer("-MOVED 3999 10.0.0.7:6379\r\n-MOVED 3999 10.0.0.7:6379\r\n")
        let next = try await scripted.readyChannel()
        #expect(scripted.addresses == ["unix:/scripted", "10.0.0.7:6379"])
        let written = try await next.nextWrite()
        #expect(written.contains("$1\r\n1\r\n") && written.contains("$1\r\n2\r\n"))
        try await next.answer("+OK\r\n+OK\r\n")
        #expect(try await first.value.get() == .simple("OK"))
        #expect(try await second.value.get() == .simple("OK"))
    }

    @Test("asks a node of a cluster who serves its slot, and goes there")
    func cluster() async throws {
        let scripted = ScriptedConnection { $0.clusterKey = "{foo}" }
        try await scripted.connection.keepUp()
        let seed = try await scripted.nextChannel()
        _ = try await seed.nextWrite()
        let hello = "*4\r\n$4\r\nmode\r\n$7\r\ncluster\r\n$4\r\nrole\r\n$6\r\nmaster\r\n"
        try await seed.answer(hello + "+PONG\r\n")
        #expect(try await seed.nextWrite() == "*2\r\n$7\r\nCLUSTER\r\n$5\r\nSLOTS\r\n")
        let slots = "*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n$8\r\n10.0.0.7\r\n:7001\r\n$2\r\nid\r\n"
        try await seed.answer(slots)
        let node = try await scripted.nextChannel()
        _ = try await node.nextWrite()
        try await node.answer(hello + "+PONG\r\n")
        _ = try await node.nextWrite()
        try await node.answer(slots)
        #expect(scripted.addresses == ["unix:/scripted", "10.0.0.7:7001"])
        let write = scripted.send("SET", "{foo}", "1")
        _ = try await node.nextWrite()
        try await node.answer("+OK\r\n")
        #expect(try await write.value.get() == .simple("OK"))
    }

    @Test("asks a sentinel for the primary, with the sentinel's own password, and asks the next one when that is silent")
    func sentinel() async throws {
        let scripted = ScriptedConnection {
            $0.furtherAddresses = [.host("s2", port: 26_379)]
            $0.sentinel = RedisConfiguration.Sentinel(primary: "orders")
            $0.sentinel?.password = "of-sentinels"
            $0.password = "of-servers"
        }
        try await scripted.connection.keepUp()
        let silent = try await scripted.nextChannel()
        _ = try await silent.nextWrite()
        await scripted.loop.advanceTime(by: .seconds(2))
        let sentinel = try await scripted.nextChannel()
        let asked = try await sentinel.nextWrite()
        #expect(asked.contains("of-sentinels") && asked.contains("GET-MASTER-ADDR-BY-NAME") && asked.contains("orders"))
        #expect(!asked.contains("of-servers"))
        try await sentinel.answer("+OK\r\n*2\r\n$8\r\n10.0.0.7\r\n$4\r\n7001\r\n")
        let primary = try await scripted.nextChannel()
        #expect(try await primary.nextWrite().contains("of-servers"))
        try await primary.answer("+OK\r\n*2\r\n$4\r\nrole\r\n$6\r\nmaster\r\n+PONG\r\n")
        #expect(scripted.addresses == ["unix:/scripted", "s2:26379", "10.0.0.7:7001"])
        let write = scripted.send("SET", "a", "1")
        _ = try await primary.nextWrite()
        try await primary.answer("+OK\r\n")
        #expect(try await write.value.get() == .simple("OK"))
    }

    @Test("calls its actions after every handshake")
    func readyActions() async throws {
        let scripted = ScriptedConnection()
        let calls = Mutex(0)
        scripted.connection.onReady { calls.withLock { $0 += 1 } }
        try await scripted.connection.keepUp()
        let channel = try await scripted.readyChannel()
        #expect(calls.withLock { $0 } == 1)
        try await channel.close().get()
        await scripted.loop.advanceTime(by: .milliseconds(50))
        _ = try await scripted.readyChannel()
        #expect(calls.withLock { $0 } == 2)
    }

    @Test("closes on a reply nobody asked for, and on what is no reply", arguments: [":1\r\n", "what?\r\n"])
    func outOfStep(_ bytes: String) async throws {
        let scripted = ScriptedConnection()
        try await scripted.connection.keepUp()
        let channel = try await scripted.readyChannel()
        try await channel.answer(bytes)
        #expect(!channel.isActive)
        await scripted.loop.advanceTime(by: .milliseconds(50))
        let next = try await scripted.readyChannel()
        let reply = scripted.send("GET", "a")
        _ = try await next.nextWrite()
        try await next.answer(":1\r\n")
        #expect(try await reply.value.get() == .integer(1))
    }

    @Test("gives up an attempt whose handshake is not answered in time")
    func attemptDeadline() async throws {
        let scripted = ScriptedConnection { $0.connectTimeout = .seconds(1) }
        try await scripted.connection.keepUp()
        let channel = try await scripted.nextChannel()
        await scripted.loop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive)
        await scripted.loop.advanceTime(by: .milliseconds(50))
        _ = try await scripted.readyChannel()
    }

    @Test("waits for a server that loads its data, and keeps what waits")
    func loading() async throws {
        let scripted = ScriptedConnection()
        try await scripted.connection.keepUp()
        let reply = scripted.send("GET", "a")
        let channel = try await scripted.nextChannel()
        _ = try await channel.nextWrite()
        try await channel.answer("-LOADING Redis is loading the dataset in memory\r\n")
        #expect(!channel.isActive)
        await scripted.loop.advanceTime(by: .milliseconds(50))
        let next = try await scripted.readyChannel()
        #expect(try await next.nextWrite() == get("a"))
        try await next.answer(":1\r\n")
        #expect(try await reply.value.get() == .integer(1))
    }

    @Test("fails those who wait when the server refuses its credentials")
    func refused() async throws {
        let scripted = ScriptedConnection { $0.password = "wrong" }
        let reply = scripted.send("GET", "a")
        try await eventually("1 waiting") { await scripted.connection.hasWaiting(1) }
        try await scripted.connection.keepUp()
        let channel = try await scripted.nextChannel()
        _ = try await channel.nextWrite()
        try await channel.answer("-WRONGPASS invalid username-password pair or user is disabled.\r\n")
        let failure = error(await reply.value)
        #expect(failure?.code == .authenticationFailed)
        #expect(failure?.mayHaveBeenExecuted == false)
    }

    @Test("refuses more than its bounds at once")
    func overloaded() async throws {
        let scripted = ScriptedConnection { $0.maximumQueuedCommands = 1 }
        let first = scripted.send("GET", "a")
        try await eventually("1 waiting") { await scripted.connection.hasWaiting(1) }
        #expect(error(await scripted.send("GET", "b").value)?.code == .overloaded)
        try await scripted.connection.keepUp()
        let channel = try await scripted.readyChannel()
        _ = try await channel.nextWrite()
        try await channel.answer(":1\r\n")
        _ = try await first.value.get()
        let third = scripted.send("GET", "c")
        _ = try await channel.nextWrite()
        try await channel.answer(":3\r\n")
        #expect(try await third.value.get() == .integer(3))
    }

    @Test("answers what it owes before a graceful end and takes nothing new")
    func graceful() async throws {
        let scripted = ScriptedConnection()
        try await scripted.connection.keepUp()
        let channel = try await scripted.readyChannel()
        let owed = scripted.send("GET", "a")
        _ = try await channel.nextWrite()
        scripted.connection.shutDown(gracefully: true)
        #expect(error(await scripted.send("GET", "b").value)?.code == .clientShutDown)
        try await channel.answer(":1\r\n")
        #expect(try await owed.value.get() == .integer(1))
        await scripted.connection.untilClosed()
        #expect(!channel.isActive)
        await #expect(throws: RedisError.self) { try await scripted.connection.keepUp() }
    }

    @Test("fails what it owes when it is ended at once")
    func ended() async throws {
        let scripted = ScriptedConnection()
        try await scripted.connection.keepUp()
        let channel = try await scripted.readyChannel()
        let owed = scripted.send("GET", "a")
        _ = try await channel.nextWrite()
        scripted.connection.shutDown(gracefully: false)
        let failure = error(await owed.value)
        #expect(failure?.code == .clientShutDown)
        #expect(failure?.mayHaveBeenExecuted == true)
    }

    @Test("of its own is opened by a command, closed by its cancellation and opened again by the next")
    func dedicated() async throws {
        let scripted = ScriptedConnection(use: .dedicated)
        let read = scripted.send("XREAD")
        let channel = try await scripted.readyChannel()
        _ = try await channel.nextWrite()
        read.cancel()
        #expect(error(await read.value)?.code == .cancelled)
        #expect(!channel.isActive)
        let second = scripted.send("XREAD")
        let next = try await scripted.readyChannel()
        _ = try await next.nextWrite()
        try await next.answer("*-1\r\n")
        #expect(try await second.value.get() == .null)
    }
}

extension RedisConnection {
    /// Whether `count` commands have arrived and wait.
    fileprivate func hasWaiting(_ count: Int) -> Bool { waitingCount == count }
}
