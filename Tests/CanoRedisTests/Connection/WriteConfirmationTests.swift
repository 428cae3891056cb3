import NIOCore
import Testing

@testable import CanoRedis

@Suite("A confirmation of writes")
struct WriteConfirmationTests {
    @Test(
        "is asked for by the command of its level",
        arguments: [
            (RedisDurability.fsync, "*4\r\n$7\r\nWAITAOF\r\n$1\r\n1\r\n$1\r\n0\r\n$3\r\n100\r\n"),
            (.replicas(2), "*3\r\n$4\r\nWAIT\r\n$1\r\n2\r\n$3\r\n100\r\n"),
        ])
    func command(_ durability: RedisDurability, _ bytes: String) throws {
        var output = ByteBuffer()
        for command in try #require(WriteConfirmation(durability, mark: nil)).commands { command.write(to: &output) }
        #expect(String(buffer: output) == bytes)
    }

    @Test("is not asked for where the server's word is enough")
    func local() {
        #expect(WriteConfirmation(.local, mark: ["PING"]) == nil)
    }

    @Test(
        "is given by enough copies",
        arguments: [
            (RedisDurability.replicas(2), RESPValue.integer(2), WriteConfirmation.Verdict.confirmed),
            (.replicas(2), .integer(3), .confirmed),
            (.replicas(2), .integer(1), .lacking("1 of 2 replicas have it")),
            (.fsync, .array([.integer(1), .integer(0)]), .confirmed),
            (.fsync, .array([.integer(0), .integer(1)]), .lacking("0 of 1 append-only files have it")),
            (.fsync, .bulk([]), .lacking("0 of 1 append-only files have it")),
        ])
    func verdict(_ durability: RedisDurability, _ reply: RESPValue, _ verdict: WriteConfirmation.Verdict) throws {
        var confirmation = try #require(WriteConfirmation(durability, mark: nil))
        for _ in 1...2 {
            confirmation.begin()
            #expect(confirmation.receive(reply) == verdict)
        }
    }

    @Test(
        "is refused for good where the server has no such thing",
        arguments: [
            ("ERR unknown command 'WAITAOF', with args beginning with: '1' '0' '100' ", true),
            ("ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.", true),
            ("NOPERM User bridge has no permissions to run the 'wait' command", true),
            (
                "ERR WAIT cannot be used with replica instances. Please also note that since Redis 4.0 if a replica is configured to be writable",
                false
            ),
            ("UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)", false),
        ])
    func refused(_ message: String, _ isForGood: Bool) throws {
        let error = RedisServerError(message: message)
        var confirmation = try #require(WriteConfirmation(.fsync, mark: nil))
        #expect(confirmation.receive(.error(error)) == .refused(error, isForGood: isForGood))
        #expect(error.saysUnconfirmable == isForGood)
    }

    @Test("has levels that are written as they are read", arguments: ["local", "fsync", "replicas:1", "replicas:12"])
    func words(_ text: String) throws {
        #expect(try #require(RedisDurability(text)).description == text)
    }

    @Test(
        "has no other levels",
        arguments: ["", "Local", "replicas", "replicas:", "replicas:0", "replicas:-1", "replicas:01", "replicas:+1", "aof"])
    func otherWords(_ text: String) {
        #expect(RedisDurability(text) == nil)
    }

    @Test("is given by the answer after the mark, and not where that was refused")
    func mark() throws {
        var confirmation = try #require(WriteConfirmation(.replicas(1), mark: ["SET", "mark", "1"]))
        #expect(confirmation.commands.count == 2)
        #expect(confirmation.receive(.integer(0)) == nil)
        #expect(confirmation.receive(.integer(1)) == .confirmed)
        confirmation.begin()
        let (busy, denied) = (RedisServerError(message: "BUSY a script runs"), RedisServerError(message: "NOPERM no"))
        #expect(confirmation.receive(.error(busy)) == nil)
        #expect(confirmation.receive(.integer(1)) == .unmarked("the server refused the mark after it: BUSY a script runs"))
        confirmation.begin()
        #expect(confirmation.receive(.error(denied)) == nil)
        #expect(confirmation.receive(.integer(1)) == .refused(denied, isForGood: true))
        confirmation.begin()
        let unknown = RedisServerError(message: "ERR Error compiling script")
        #expect(confirmation.receive(.error(unknown)) == nil)
        #expect(confirmation.receive(.integer(1)) == .refused(unknown, isForGood: true))
        confirmation.begin()
        #expect(confirmation.receive(.integer(0)) == nil)
        #expect(confirmation.receive(.integer(1)) == .confirmed)
    }
}
