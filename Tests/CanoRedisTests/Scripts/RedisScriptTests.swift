import CanoPrimitives
import NIOCore
import RedisServerFixture
import Testing

@testable import CanoRedis

@Suite("Scripts with a real server", .timeLimit(.minutes(5)))
struct RedisScriptTests {
    private let echo = RedisScript(name: "echo", source: Array("#!lua\nreturn {KEYS[1], ARGV[1], ARGV[2], #ARGV}".utf8))

    private func call() -> RedisScriptCall {
        var call = RedisScriptCall(echo, keys: ["k"])
        call.append(bytes: [0xFF, 0])
        call.append(-5)
        return call
    }

    private var reply: RESPValue { .array([.bulk([0x6B]), .bulk([0xFF, 0]), .bulk(Array("-5".utf8)), .integer(2)]) }

    @Test("go by source until the server has answered their hash, then by hash")
    func firstCalls() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                for _ in 0..<4 { #expect(try await client.evaluate(call()) == reply) }
                let calls = try await calls(client)
                #expect(calls == ["script|load": 1, "eval": 1, "evalsha": 3])
            }
        }
    }

    @Test("go by hash from the first call on when they were loaded, with every client")
    func loaded() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                let hash = try await client.load(echo)
                #expect(try await client.load(echo) == hash)
                #expect(try await client.evaluate(call()) == reply)
            }
            try await withClient(server.url) { client in
                #expect(try await client.evaluate(call()) == reply)
                let calls = try await calls(client)
                #expect(calls == ["script|load": 2, "evalsha": 2])
            }
        }
    }

    @Test("say which command a user lacks, called by the client or inside a script, and the rule to add")
    func denied() async throws {
        var options = RedisServerOptions()
        options.users = [RedisServerOptions.User(name: "ann", password: "p", rules: "~a* +eval +evalsha +script|load")]
        try await withRedisServer(options) { server in
            try await withClient("unix://ann:p@\(server.socketPath)") { client in
                let command = await #expect(throws: RedisError.self) { try await client.execute(GET("a")) }
                #expect(command?.serverError?.code == "NOPERM")
                #expect(command?.message.hasSuffix("(an operator allows it with: ACL SETUSER <user> +get)") == true)
                let key = await #expect(throws: RedisError.self) { try await client.evaluate(RedisScriptCall(echo, keys: ["b"])) }
                #expect(key?.message.hasSuffix("(an operator allows the keys with: ACL SETUSER <user> ~<pattern>)") == true)
                let taker = RedisScript(name: "take", source: Array("#!lua\n\nreturn redis.call('GETDEL', KEYS[1])".utf8))
                // By source, and by hash.
                for _ in 0..<3 {
                    let inside = await #expect(throws: RedisError.self) { try await client.evaluate(RedisScriptCall(taker, keys: ["a"])) }
                    #expect(
                        inside?.message.hasSuffix("(script take, line 3) (an operator allows it with: ACL SETUSER <user> +getdel)") == true)
                }
                let writer = RedisScript(name: "write", source: Array("#!lua\nreturn redis.call('EVAL')".utf8))
                let broken = await #expect(throws: RedisError.self) { try await client.evaluate(RedisScriptCall(writer, keys: [])) }
                #expect(broken?.message.hasSuffix("(script write, line 2)") == true)
            }
        }
    }

    @Test("go by source once after the server forgot them")
    func fallback() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                try await client.load(echo)
                for _ in 0..<2 {
                    try await client.execute(SCRIPT.FLUSH())
                    #expect(try await client.evaluate(call()) == reply)
                    #expect(try await client.evaluate(call()) == reply)
                }
                #expect(try await calls(client) == ["script|load": 1, "eval": 2, "evalsha": 4, "script|flush": 2])
            }
        }
    }

    @Test("keep their order when many are called before the hash is known, and ask for it once")
    func burst() async throws {
        let push = RedisScript(name: "push", source: Array("return redis.call('RPUSH', KEYS[1], ARGV[1])".utf8))
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                try await client.execute(PING())
                await withCheckedContinuation { continuation in
                    for number in 0..<100 {
                        var call = RedisScriptCall(push, keys: ["list"])
                        call.append(number)
                        client.evaluate(call) { _ in if number == 99 { continuation.resume() } }
                    }
                }
                let list = try await client.execute(raw: RESPCommand("LRANGE", "list", "0", "-1"))
                #expect(list.arrayValue?.map(\.integerValue) == (0..<100).map { $0 })
                #expect(try await calls(client)["script|load"] == 1)
            }
        }
    }

    @Test("ask for the hash again when the first request for it was lost")
    func lostHash() async throws {
        try await withRedisServer { server in
            try await withFlakyProxy(to: server) { proxy in
                try await withClient(proxy.url) { client in
                    try await client.execute(PING())
                    proxy.cut(beforeRequestWith: "SCRIPT")
                    // It goes with the request for the hash, or on the next connection when it was not yet on its way.
                    let first = try? await client.evaluate(call())
                    #expect(proxy.faultCount == 1)
                    for _ in 0..<3 { #expect(try await client.evaluate(call()) == reply) }
                    #expect(try await calls(client) == ["script|load": 1, "eval": first == nil ? 1 : 2, "evalsha": 2])
                }
            }
        }
    }

    @Test("go by source for a user who may not load scripts")
    func forbiddenLoad() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                _ = try await client.execute(raw: RESPCommand("ACL", "SETUSER", "default", "-script|load"))
                for _ in 0..<3 { #expect(try await client.evaluate(call()) == reply) }
                #expect(try await calls(client)["eval"] == 3)
            }
        }
    }

    /// How often the server was asked to run or load a script, by command.
    private func calls(_ client: RedisClient) async throws -> [String: Int] {
        var calls: [String: Int] = [:]
        for (name, stats) in try await client.execute(INFO("commandstats")) {
            let command = name.dropFirst("cmdstat_".count)
            guard command.hasPrefix("eval") || command.hasPrefix("script"), stats.hasPrefix("calls=") else { continue }
            calls[String(command)] = Int(stats.dropFirst("calls=".count).prefix { $0 != "," })
        }
        return calls
    }

    @Test("answer on the loop when no task waits, by source too")
    func completion() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                for _ in 0..<2 {
                    let (result, isOnLoop) = await withCheckedContinuation { continuation in
                        client.evaluate(call()) { continuation.resume(returning: ($0, client.eventLoop.inEventLoop)) }
                    }
                    let value = try result.get()
                    #expect(value == reply)
                    #expect(isOnLoop)
                }
            }
        }
    }

    @Test("throw their own errors")
    func failure() async throws {
        let failing = RedisScript(name: "failing", source: Array("return redis.error_reply('MYCODE no')".utf8))
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                let error = await #expect(throws: RedisError.self) { try await client.evaluate(RedisScriptCall(failing, keys: [])) }
                #expect(error?.serverError?.code == "MYCODE")
                let result = await withCheckedContinuation { continuation in
                    client.evaluate(RedisScriptCall(failing, keys: [])) { continuation.resume(returning: $0) }
                }
                #expect(throws: RedisError.self) { try result.get() }
            }
        }
    }

    @Test("are refused on the loop too once the client is over")
    func afterTheEnd() async throws {
        try await withRedisServer { server in
            let client = try await withClient(server.url) { $0 }
            let (result, isOnLoop) = await withCheckedContinuation { continuation in
                client.evaluate(call()) { continuation.resume(returning: ($0, client.eventLoop.inEventLoop)) }
            }
            #expect(throws: RedisError.self) { try result.get() }
            #expect(isOnLoop)
        }
    }

    @Test("go out and come back, over a new connection too, while the shared pool has no thread to spare")
    func busyPool() async throws {
        try await withRedisServer { server in
            try await withFlakyProxy(to: server) { proxy in
                try await withClient(proxy.url) { client in
                    try await client.execute(PING())
                    let done = Gate()
                    @Sendable func beat() {
                        client.evaluate(call()) { result in
                            if case .success = result { done.open() } else { beat() }
                        }
                    }
                    client.eventLoop.execute {
                        proxy.cut()
                        beat()
                    }
                    let deadline = NIODeadline.now() + .seconds(20)
                    await withTaskGroup(of: Void.self) { group in
                        for _ in 0..<64 {
                            group.addTask { while !done.isOpen, NIODeadline.now() < deadline {} }
                        }
                    }
                    #expect(done.isOpen)
                    #expect(proxy.acceptedCount == 2)
                }
            }
        }
    }
}
