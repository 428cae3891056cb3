import CanoTesting
import RedisServerFixture
import Synchronization
import Testing

@testable import CanoRedis

@Suite("A client whose server fails", .timeLimit(.minutes(5)))
struct ReconnectTests {
    private func configuration(_ url: String, timeout: Duration = .seconds(20)) throws -> RedisConfiguration {
        var configuration = try RedisConfiguration(url: url)
        configuration.commandTimeout = timeout
        configuration.reconnectBackoff = ReconnectBackoff(base: .milliseconds(1), cap: .milliseconds(20))
        return configuration
    }

    @Test("comes back after a restart, as the same user on the same database")
    func restart() async throws {
        var options = RedisServerOptions()
        options.appendOnly = true
        options.password = "secret"
        try await withRedisServer(options) { server in
            let configuration = try configuration("unix://:secret@\(server.socketPath)?db=2&client_name=me")
            try await withClient(configuration) { client in
                let connects = Mutex(0)
                client.onReconnect { connects.withLock { $0 += 1 } }
                _ = try await client.execute(SET("k", "v"))
                await server.kill()
                // Waits for the connection that is not there.
                async let waiting = client.execute(GET("k"))
                try await server.start()
                #expect(try await waiting == Array("v".utf8))
                #expect(try await client.execute(raw: RESPCommand("CLIENT", "GETNAME")).string == "me")
                #expect(connects.withLock { $0 } >= 1)
            }
        }
    }

    @Test("follows its address to the new primary when the old one is demoted and keeps its connections")
    func failover() async throws {
        try await withRedisServer { old in
            try await withRedisServer { new in
                try await withFlakyProxy(to: old) { proxy in
                    try await withClient(configuration(proxy.url)) { client in
                        _ = try await client.execute(SET("k", "old"))
                        try await withClient(old.url) { admin in
                            // Of a primary that is not there: it takes no writes, and says nothing to those that are connected.
                            _ = try await admin.execute(raw: RESPCommand("REPLICAOF", "127.0.0.1", "1"))
                        }
                        let error = await #expect(throws: RedisError.self) { try await client.execute(SET("k", "x")) }
                        #expect(error?.serverError?.code == "READONLY")
                        proxy.redirect(to: new.socketPath)
                        try await eventually(within: .seconds(20), "writes reach the new primary") {
                            do {
                                _ = try await client.execute(SET("k", "new"))
                                return true
                            } catch let error as RedisError where error.isPassing {
                                return false
                            }
                        }
                        let value = try await withClient(new.url) { try await $0.execute(GET("k")) }
                        #expect(value == Array("new".utf8))
                    }
                }
            }
        }
    }

    @Test("waits while its address leads to a replica, and goes on once that is the primary")
    func replica() async throws {
        try await withRedisServer { server in
            try await withFlakyProxy(to: server) { proxy in
                // One that was connected before it became a replica is left alone by the server.
                try await withClient(server.url) { admin in
                    _ = try await admin.execute(raw: RESPCommand("REPLICAOF", "127.0.0.1", "1"))
                    try await withClient(configuration(proxy.url)) { client in
                        async let waiting = client.execute(SET("k", "v"))
                        try await eventually("it has tried twice") { proxy.acceptedCount >= 2 }
                        _ = try await admin.execute(raw: RESPCommand("REPLICAOF", "NO", "ONE"))
                        #expect(try await waiting)
                        #expect(try await client.execute(GET("k")) == Array("v".utf8))
                    }
                }
            }
        }
    }

    @Test("says that a write whose reply was lost may have happened, and does not repeat it")
    func lostReply() async throws {
        try await withRedisServer { server in
            try await withFlakyProxy(to: server) { proxy in
                try await withClient(configuration(proxy.url)) { client in
                    _ = try await client.execute(SET("n", "0"))
                    proxy.loseNextReply()
                    let error = await #expect(throws: RedisError.self) { try await client.execute(raw: RESPCommand("INCR", "n")) }
                    #expect(error?.code == .connectionClosed)
                    #expect(error?.mayHaveBeenExecuted == true)
                    #expect(try await client.execute(GET("n")) == Array("1".utf8))
                    #expect(proxy.faultCount == 1)
                }
            }
        }
    }

    @Test("repeats a read whose reply was lost")
    func repeatedRead() async throws {
        try await withRedisServer { server in
            try await withFlakyProxy(to: server) { proxy in
                try await withClient(configuration(proxy.url)) { client in
                    _ = try await client.execute(SET("k", "v"))
                    proxy.loseReply(toRequestWith: "GET")
                    #expect(try await client.execute(GET("k")) == Array("v".utf8))
                    #expect(proxy.faultCount == 1)
                    #expect(proxy.acceptedCount == 2)
                }
            }
        }
    }

    @Test("fails a write that was cut off before the server saw it, for it cannot know")
    func cutBefore() async throws {
        try await withRedisServer { server in
            try await withFlakyProxy(to: server) { proxy in
                try await withClient(configuration(proxy.url)) { client in
                    try await client.execute(PING())
                    proxy.cut(beforeRequestWith: "INCR")
                    let error = await #expect(throws: RedisError.self) { try await client.execute(raw: RESPCommand("INCR", "n")) }
                    #expect(error?.mayHaveBeenExecuted == true)
                    #expect(try await client.execute(GET("n")) == nil)
                }
            }
        }
    }

    @Test("survives connections cut under a hundred callers")
    func cuts() async throws {
        try await withRedisServer { server in
            try await withFlakyProxy(to: server) { proxy in
                try await withClient(configuration(proxy.url)) { client in
                    let isDone = Mutex(false)
                    async let cutting: Void = {
                        for _ in 0..<20 {
                            let before = proxy.acceptedCount
                            proxy.cut()
                            try await eventually { proxy.acceptedCount > before || isDone.withLock { $0 } }
                        }
                    }()
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for caller in 0..<100 {
                            group.addTask {
                                for _ in 0..<20 {
                                    do throws(RedisError) {
                                        #expect(try await client.execute(raw: RESPCommand("ECHO", "\(caller)")).string == "\(caller)")
                                    } catch {
                                        #expect(error.code == .connectionClosed)
                                        #expect(error.mayHaveBeenExecuted)
                                    }
                                }
                            }
                        }
                        try await group.waitForAll()
                    }
                    isDone.withLock { $0 = true }
                    try await cutting
                    try await client.execute(PING())
                }
            }
        }
    }

    @Test("tells callers by their deadline when the server never comes")
    func neverThere() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        try await withClient(configuration("unix://\(folder.file("none.sock"))", timeout: .milliseconds(50))) { client in
            // The first deadline may come before the first attempt has failed.
            try await eventually {
                let error = await #expect(throws: RedisError.self) { try await client.execute(PING()) }
                #expect(error?.code == .timedOut)
                #expect(error?.mayHaveBeenExecuted == false)
                return (error?.underlying as? RedisError)?.code == .connectFailed
            }
        }
    }

    @Test("tells callers by their deadline when the server is held still, and goes on when it is not")
    func heldStill() async throws {
        try await withRedisServer { server in
            try await withClient(configuration(server.url, timeout: .milliseconds(200))) { client in
                // A busy machine may take longer than that to connect.
                try await eventually { (try? await client.execute(PING())) != nil }
                await server.pause()
                let error = await #expect(throws: RedisError.self) { try await client.execute(SET("k", "v")) }
                #expect(error?.code == .timedOut)
                await server.resume()
                try await eventually { (try? await client.execute(PING())) != nil }
            }
        }
    }
}
