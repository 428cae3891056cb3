import CanoPrimitives
import NIOCore
import RedisServerFixture
import Testing

@testable import CanoRedis

@Suite("Scripts with a real server", .timeLimit(.minutes(1)))
struct RedisScriptTests {
    private let echo = RedisScript(name: "echo", source: Array("#!lua\nreturn {KEYS[1], ARGV[1], ARGV[2], #ARGV}".utf8))

    private func call() -> RedisScriptCall {
        var call = RedisScriptCall(echo, keys: ["k"])
        call.append(bytes: [0xFF, 0])
        call.append(-5)
        return call
    }

    private var reply: RESPValue { .array([.bulk([0x6B]), .bulk([0xFF, 0]), .bulk(Array("-5".utf8)), .integer(2)]) }

    @Test("are known by the hash the server gives them")
    func hash() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                let hash = try await client.execute(SCRIPT.LOAD(echo))
                #expect(hash == echo.sha1)
            }
        }
    }

    @Test("go by hash, and by source once after the server forgot them")
    func fallback() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                for _ in 0..<2 {
                    #expect(try await client.evaluate(call()) == reply)
                    #expect(try await client.evaluate(call()) == reply)
                    try await client.execute(SCRIPT.FLUSH())
                }
                let stats = try await client.execute(INFO("commandstats"))
                #expect(stats["cmdstat_eval"]?.hasPrefix("calls=2,") == true)
                #expect(stats["cmdstat_evalsha"]?.hasPrefix("calls=4,") == true)
            }
        }
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
