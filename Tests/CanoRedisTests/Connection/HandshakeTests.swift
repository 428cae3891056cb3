import Testing

@testable import CanoRedis

@Suite("A handshake", .timeLimit(.minutes(5)))
struct HandshakeTests {
    private func names(_ handshake: Handshake) -> [Int] { handshake.commands.map(\.argumentCount) }

    private func handshake(_ change: (inout RedisConfiguration) -> Void = { _ in }) -> Handshake {
        var configuration = RedisConfiguration()
        change(&configuration)
        return Handshake(
            configuration, ServerSearch.Attempt(address: .host("a", port: 1), isSentinel: configuration.sentinel != nil),
            slot: configuration.clusterKey.map { HashSlot(ofKey: $0) })
    }

    /// A part of what `HELLO` answers.
    private func role(_ role: String, mode: String = "standalone") -> RESPValue {
        .array(["mode", mode, "role", role].map { .bulk(Array($0.utf8)) } + [.bulk(Array("modules".utf8)), .array([])])
    }

    private func error(_ progress: Handshake.Progress) -> RedisError? {
        if case .failed(let error) = progress { error } else { nil }
    }

    private func destination(_ progress: Handshake.Progress) -> String? {
        if case .elsewhere(let address) = progress { address.description } else { nil }
    }

    private func isQuestion(_ progress: Handshake.Progress) -> Bool {
        if case .ask = progress { true } else { false }
    }

    /// What a node of a cluster answers when one node serves all slots.
    private func slots(_ host: String) -> RESPValue {
        .array([.array([.integer(0), .integer(16_383), .array([.bulk(Array(host.utf8)), .integer(1)])])])
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

    @Test(
        "asks a node of a cluster who serves the slot, be it a replica, and stays or goes there",
        arguments: [("master", "a", nil), ("master", "b", "b:1"), ("replica", "b", "b:1"), ("replica", "a", "failed")]
            as [(String, String, String?)])
    func clusterNode(_ ownRole: String, named host: String, destination expected: String?) {
        var handshake = handshake { $0.clusterKey = "{foo}" }
        _ = handshake.receive(role(ownRole, mode: "cluster"))
        #expect(isQuestion(handshake.receive(.simple("PONG"))))
        let end = handshake.receive(slots(host))
        switch expected {
        case nil: #expect(isComplete(end))
        // The cluster has not settled yet.
        case "failed": #expect(error(end)?.code == .connectFailed)
        case let address?: #expect(destination(end) == address)
        }
        #expect(handshake.slots != nil)
    }

    @Test("leaves a cluster in which no node serves the slot, to ask again")
    func unservedSlot() {
        var handshake = handshake { $0.clusterKey = "{foo}" }
        _ = handshake.receive(role("master", mode: "cluster"))
        _ = handshake.receive(.simple("PONG"))
        #expect(error(handshake.receive(.array([])))?.message.contains("slot 12182") == true)
    }

    @Test("goes where MOVED sends when the user may not ask for the slots, and tells what a replica lacks")
    func deniedSlots() {
        let denied = RESPValue.error(RedisServerError(message: "NOPERM User u has no permissions to run the 'cluster|slots' command"))
        for (ownRole, isGood) in [("master", true), ("replica", false)] {
            var handshake = handshake { $0.clusterKey = "{foo}" }
            _ = handshake.receive(role(ownRole, mode: "cluster"))
            _ = handshake.receive(.simple("PONG"))
            let end = handshake.receive(denied)
            #expect(isComplete(end) == isGood)
            if !isGood { #expect(error(end)?.description.contains("cluster|slots") == true) }
        }
    }

    @Test("takes any node of a cluster while no slot is known: MOVED will tell one")
    func unknownSlot() {
        var handshake = handshake()
        _ = handshake.receive(role("replica", mode: "cluster"))
        #expect(isComplete(handshake.receive(.simple("PONG"))))
    }

    @Test("takes no server that is no cluster for one of several: only sentinels know which of them is the right one")
    func severalServers() {
        var handshake = handshake { $0.furtherAddresses = [.host("b", port: 1)] }
        let failure = error(handshake.receive(role("master")))
        #expect(failure?.message.contains("redis+sentinel://") == true)
        #expect(failure?.needsAttention == true)
    }

    @Test("says how to write the address of a sentinel that is taken for a server")
    func sentinelAsServer() {
        var handshake = handshake()
        let hello = RESPValue.array(["mode", "sentinel"].map { .bulk(Array($0.utf8)) })
        #expect(error(handshake.receive(hello))?.message.contains("redis+sentinel://") == true)
    }

    @Test("asks a sentinel for the primary and nothing else")
    func askedSentinel() {
        var handshake = handshake {
            $0.sentinel = RedisConfiguration.Sentinel(primary: "orders")
            $0.sentinel?.username = "u"
            $0.sentinel?.password = "p"
            $0.database = 3
            $0.clientName = "me"
        }
        #expect(names(handshake) == [3, 3])
        #expect(!isComplete(handshake.receive(.simple("OK"))))
        let end = handshake.receive(.array(["10.0.0.7", "7001"].map { .bulk(Array($0.utf8)) }))
        #expect(destination(end) == "10.0.0.7:7001")
    }

    @Test(
        "says what is wrong with a sentinel",
        arguments: [
            (RESPValue.null, "orders"), (.array([]), "no address"),
            (.error(RedisServerError(message: "ERR unknown command 'SENTINEL'")), "must be a sentinel"),
            (.error(RedisServerError(message: "NOAUTH Authentication required.")), "sentinel_password"),
        ])
    func wrongSentinel(_ reply: RESPValue, advice: String) {
        var handshake = handshake { $0.sentinel = RedisConfiguration.Sentinel(primary: "orders") }
        #expect(error(handshake.receive(reply))?.description.contains(advice) == true)
    }
}
