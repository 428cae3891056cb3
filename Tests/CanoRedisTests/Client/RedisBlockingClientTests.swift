import CanoTesting
import RedisServerFixture
import Testing

@testable import CanoRedis

@Suite("A client for blocking reads", .timeLimit(.minutes(5)))
struct RedisBlockingClientTests {
    /// How many clients the server holds in a blocking command.
    private func blockedCount(_ client: RedisClient) async throws -> Int {
        try await client.execute(INFO("clients"))["blocked_clients"].flatMap { Int($0) } ?? 0
    }

    @Test("gets what is added while it waits, and nothing when nothing is")
    func reads() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                try await withBlockingClient(server.url) { reader in
                    #expect(try await reader.execute(XREAD([("s", nil)], block: .milliseconds(1))).isEmpty)
                    async let read = reader.execute(XREAD([("s", nil)], block: .seconds(20)))
                    try await eventually { try await blockedCount(client) == 1 }
                    let id = try await client.execute(XADD("s", texts: [("a", "1"), ("a", "2"), ("", "")]))
                    let streams = try await read
                    #expect(streams.first?.key == Array("s".utf8))
                    #expect(streams.first?.entries.first?.id == id)
                    #expect(streams.first?.entries.first?.fields.map(\.value) == ["1", "2", ""].map { Array($0.utf8) })
                }
            }
        }
    }

    @Test("closes its connection when its caller is cancelled, and reads again on another")
    func cancelled() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                try await withBlockingClient(server.url) { reader in
                    let read = Task { try await reader.execute(XREAD([("s", nil)], block: .seconds(20))) }
                    try await eventually { try await blockedCount(client) == 1 }
                    read.cancel()
                    let error = await #expect(throws: RedisError.self) { try await read.value }
                    #expect(error?.code == .cancelled)
                    try await eventually { try await blockedCount(client) == 0 }
                    _ = try await client.execute(XADD("s", texts: [("a", "1")]))
                    #expect(try await reader.execute(XREAD([("s", .zero)], block: .seconds(20))).count == 1)
                }
            }
        }
    }

    @Test("waits as long as the read may take and no longer than the margin after it")
    func deadline() async throws {
        try await withRedisServer { server in
            var configuration = try RedisConfiguration(url: server.url)
            configuration.commandTimeout = .milliseconds(1)
            configuration.blockingMargin = .seconds(30)
            let patient = RedisBlockingClient(configuration, logger: quietLogger)
            #expect(try await patient.execute(XREAD([("s", nil)], block: .milliseconds(100))).isEmpty)
            await patient.close()
            configuration.blockingMargin = .milliseconds(50)
            let hasty = RedisBlockingClient(configuration, logger: quietLogger)
            await server.pause()
            let error = await #expect(throws: RedisError.self) { try await hasty.execute(XREAD([("s", nil)], block: .milliseconds(10))) }
            #expect(error?.code == .timedOut)
            await server.resume()
            await hasty.close()
        }
    }

    @Test("leaves a server that hangs in the midst of a read, and reads on where the address leads by then")
    func hangingServer() async throws {
        try await withRedisServer { hanging in
            try await withRedisServer { other in
                try await withFlakyProxy(to: hanging) { proxy in
                    var configuration = try RedisConfiguration(url: proxy.url)
                    configuration.blockingMargin = .milliseconds(100)
                    let reader = RedisBlockingClient(configuration, logger: quietLogger)
                    let failure = try await withClient(hanging.url) { client in
                        // A machine may be so slow that a read is over before the server hangs.
                        while true {
                            let read = Task { try await reader.execute(XREAD([("s", nil)], block: .seconds(3))) }
                            try await eventually { try await blockedCount(client) == 1 }
                            await hanging.pause()
                            if case .failure(let failure) = await read.result { return failure }
                            await hanging.resume()
                        }
                    }
                    #expect((failure as? RedisError)?.code == .timedOut)
                    proxy.redirect(to: other.socketPath)
                    try await withClient(other.url) { _ = try await $0.execute(XADD("s", texts: [("a", "1")])) }
                    // The first one still holds its connection, and never says a word.
                    try await eventually { (try? await reader.execute(XREAD([("s", .zero)], block: .seconds(1))))?.count == 1 }
                    await reader.close()
                }
            }
        }
    }

    @Test("reads on after the server was away")
    func restart() async throws {
        try await withRedisServer { server in
            try await withBlockingClient(server.url) { reader in
                _ = try await reader.execute(XREAD([("s", nil)], block: .milliseconds(1)))
                await server.kill()
                try await server.start()
                // The first read may meet the news that the old connection is gone.
                try await eventually { (try? await reader.execute(XREAD([("s", nil)], block: .milliseconds(1)))) != nil }
            }
        }
    }

    @Test("is over once closed")
    func closed() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                let reader = RedisBlockingClient(try RedisConfiguration(url: server.url), logger: quietLogger)
                let read = Task { try await reader.execute(XREAD([("s", nil)], block: .seconds(20))) }
                try await eventually { try await blockedCount(client) == 1 }
                await reader.close()
                let error = await #expect(throws: RedisError.self) { try await read.value }
                #expect(error?.code == .clientShutDown)
            }
        }
    }
}
