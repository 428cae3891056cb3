import Testing

@testable import CanoRedis

@Suite("A handshake", .timeLimit(.minutes(1)))
struct HandshakeTests {
    private func names(_ handshake: Handshake) -> [Int] { handshake.commands.map(\.argumentCount) }

    private func handshake(_ change: (inout RedisConfiguration) -> Void = { _ in }) -> Handshake {
        var configuration = RedisConfiguration()
        change(&configuration)
        return Handshake(configuration)
    }

    /// A part of what `HELLO` answers.
    private func role(_ role: String) -> RESPValue {
        .array(["mode", "standalone", "role", role].map { .bulk(Array($0.utf8)) } + [.bulk(Array("modules".utf8)), .array([])])
    }

    private func error(_ progress: Handshake.Progress) -> RedisError? {
        if case .failed(let error) = progress { error } else { nil }
    }

    private func isComplete(_ progress: Handshake.Progress) -> Bool {
        if case .complete = progress { true } else { false }
    }

    @Test("asks for the role and whether the server is ready when nothing is configured")
    func plain() {
        var handshake = handshake()
        #expect(names(handshake) == [1, 1])
        #expect(!isComplete(handshake.receive(role("master"))))
        #expect(isComplete(handshake.receive(.simple("PONG"))))
    }

    @Test("gives user, password, database and name at once and waits for every reply")
    func full() {
        var handshake = handshake {
            $0.username = "user"
            $0.password = "password"
            $0.database = 2
            $0.clientName = "name"
        }
        #expect(names(handshake) == [3, 2, 3, 1, 1])
        for _ in 0..<3 { #expect(!isComplete(handshake.receive(.simple("OK")))) }
        #expect(!isComplete(handshake.receive(role("master"))))
        #expect(isComplete(handshake.receive(.simple("PONG"))))
    }

    @Test("fails on refused credentials")
    func refused() {
        var handshake = handshake { $0.password = "wrong" }
        let failure = error(handshake.receive(.error(RedisServerError(message: "WRONGPASS invalid username-password pair"))))
        #expect(failure?.code == .authenticationFailed)
    }

    @Test("fails on a server that wants a password it was not given")
    func missingPassword() {
        var handshake = handshake()
        let failure = error(handshake.receive(.error(RedisServerError(message: "NOAUTH Authentication required."))))
        #expect(failure?.code == .authenticationFailed)
    }

    @Test("counts a replica as not there: its address may lead to the primary next time")
    func replica() {
        var handshake = handshake()
        let failure = error(handshake.receive(role("replica")))
        #expect(failure?.code == .connectFailed)
        #expect(failure?.message.contains("primary") == true)
        #expect(failure?.needsAttention == false)
    }

    @Test("counts a server that loads its data as not there yet")
    func loading() {
        var handshake = handshake()
        _ = handshake.receive(role("master"))
        let failure = error(handshake.receive(.error(RedisServerError(message: "LOADING Redis is loading the dataset in memory"))))
        #expect(failure?.code == .connectFailed)
        #expect(failure?.needsAttention == false)
    }

    @Test(
        "fails with the words of a server that won't have the connection, and blames no credentials",
        arguments: ["ERR max number of clients reached", "DENIED Redis is running in protected mode"], [nil, "secret"])
    func unwelcome(_ message: String, password: String?) {
        var handshake = handshake { $0.password = password }
        let failure = error(handshake.receive(.error(RedisServerError(message: message))))
        #expect(failure?.code == .connectFailed)
        #expect(failure?.description.contains(message) == true)
        #expect(failure?.needsAttention == false)
    }

    @Test("does without a name or a PING the user may not give")
    func tolerant() {
        var handshake = handshake { $0.clientName = "name" }
        #expect(!isComplete(handshake.receive(.error(RedisServerError(message: "NOPERM no permission")))))
        #expect(handshake.refusedName?.code == "NOPERM")
        // A server before Redis 6.
        #expect(!isComplete(handshake.receive(.error(RedisServerError(message: "ERR unknown command 'HELLO'")))))
        #expect(isComplete(handshake.receive(.error(RedisServerError(message: "NOPERM no permission")))))
    }
}
