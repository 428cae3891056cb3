import NIOCore
import RedisServerFixture
import ServiceLifecycle
import Synchronization
import Testing

@testable import CanoRedis

@Suite("A client with a real server", .timeLimit(.minutes(5)))
struct RedisClientTests {
    @Test("executes the commands for keys, hashes and sorted sets")
    func commands() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                try await client.execute(PING())
                #expect(try await client.execute(GET("none")) == nil)
                #expect(try await client.execute(SET("k", [0xFF, 0, 0x0D, 0x0A])))
                #expect(try await client.execute(GET("k")) == [0xFF, 0, 0x0D, 0x0A])
                #expect(try await client.execute(SET("k", "x", condition: .ifAbsent)) == false)
                #expect(try await client.execute(EXISTS("k", "k", "none")) == 2)
                #expect(try await client.execute(TYPE("k")) == "string")
                #expect(try await client.execute(PEXPIRE("k", after: .seconds(100))))
                #expect(try await client.execute(KEYS("*")) == [Array("k".utf8)])
                #expect(try await client.execute(SCAN(matching: "k*", count: 10)).keys == [Array("k".utf8)])
                #expect(try await client.execute(DEL("k", "none")) == 1)
                #expect(try await client.execute(HSET("h", [("a", [1]), ("b", [2])])) == 2)
                #expect(try await client.execute(HMGET("h", ["b", "c"])) == [[2], nil])
                #expect(try await client.execute(HGET("h", "a")) == [1])
                #expect(try await client.execute(HGETALL("h")).map(\.value) == [[1], [2]])
                #expect(try await client.execute(HLEN("h")) == 2)
                #expect(try await client.execute(ZADD("z", [(1.5, "a"), (-.infinity, "b"), (3e20, "c")])) == 3)
                #expect(try await client.execute(ZRANGE("z", from: 0, through: -1)) == ["b", "a", "c"].map { Array($0.utf8) })
                #expect(try await client.execute(ZRANGEBYSCORE("z", from: 0, through: .infinity)).map(\.score) == [1.5, 3e20])
                #expect(try await client.execute(ZRANGEBYSCORE("z", from: -.infinity, through: 2, offset: 1)).count == 1)
                #expect(try await client.execute(ZSCORE("z", "b")) == -.infinity)
                #expect(try await client.execute(ZSCORE("z", "none")) == nil)
                #expect(try await client.execute(ZREM("z", ["a", "none"])) == 1)
                #expect(try await client.execute(ZCARD("z")) == 2)
                #expect(try await client.execute(ZCOUNT("z", from: -.infinity, through: .infinity)) == 2)
                _ = try await client.execute(raw: RESPCommand("RPUSH", "l", "a", "b"))
                #expect(try await client.execute(LRANGE("l", from: 0, through: -1)) == [[UInt8(ascii: "a")], [UInt8(ascii: "b")]])
                #expect(try await client.execute(LRANGE("none", from: 0, through: -1)).isEmpty)
                #expect(try await client.execute(TIME()) > 1_600_000_000_000_000)
                #expect(try await client.execute(INFO("server"))["redis_version"] != nil)
                #expect(try await client.execute(CONFIG.GET("appendonly")) == ["appendonly": "no"])
            }
        }
    }

    @Test("throws what the server answers as an error, with its code")
    func serverErrors() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                _ = try await client.execute(SET("k", "text"))
                let error = await #expect(throws: RedisError.self) { try await client.execute(HGET("k", "f")) }
                #expect(error?.serverError?.code == "WRONGTYPE")
                let unknown = await #expect(throws: RedisError.self) { try await client.execute(raw: RESPCommand("NOSUCH")) }
                #expect(unknown?.serverError?.code == "ERR")
            }
        }
    }

    @Test("gives each of many callers its own reply")
    func manyCallers() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for caller in 0..<100 {
                        group.addTask {
                            for round in 0..<50 {
                                var command = RESPCommand("ECHO")
                                command.append("\(caller)-\(round)")
                                let reply = try await client.execute(raw: command)
                                #expect(reply.string == "\(caller)-\(round)")
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
    }

    @Test("disturbs nobody when some of its callers are cancelled")
    func cancelledNeighbours() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for caller in 0..<200 {
                        group.addTask {
                            let task = Task { try await client.execute(raw: RESPCommand("ECHO", "\(caller)")) }
                            if caller.isMultiple(of: 2) { task.cancel() }
                            switch await task.result {
                            case .success(let reply): #expect(reply.string == "\(caller)")
                            case .failure(let error):
                                #expect(caller.isMultiple(of: 2))
                                #expect((error as? RedisError)?.code == .cancelled)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(try await client.execute(INFO("stats"))["total_connections_received"] == "1")
            }
        }
    }

    @Test("sends a pipeline of one kind of command in order and gives each its typed outcome")
    func pipeline() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                _ = try await client.execute(SET("text", "1"))
                let lengths = try await client.pipeline([HLEN("none"), HLEN("text"), HLEN("none")])
                #expect(lengths.count == 3)
                #expect(try lengths[0].get() == 0)
                #expect(throws: RedisError.self) { try lengths[1].get() }
                #expect(try lengths[2].get() == 0)
                #expect(try await client.pipeline([PING]()).isEmpty)
            }
        }
    }

    @Test("sends a pipeline of several kinds in order and gives each its typed outcome")
    func mixedPipeline() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                let group = XGROUP.CREATE("stream", "readers")
                let (written, number, field, first, second) = try await client.pipeline(
                    SET("k", "1"), GET("k"), HGET("k", "f"), group, group)
                #expect(try written.get())
                #expect(try number.get() == Array("1".utf8))
                #expect(throws: RedisError.self) { try field.get() }
                #expect(try first.get())
                #expect(try !second.get())
            }
        }
    }

    @Test("takes a value of many megabytes there and back")
    func bigValue() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                let value = (0..<20_000_000).map { UInt8(truncatingIfNeeded: $0) }
                _ = try await client.execute(SET("big", value))
                #expect(try await client.execute(GET("big")) == value)
            }
        }
    }

    @Test("logs in with user and password, selects its database and gives its name")
    func login() async throws {
        var options = RedisServerOptions()
        options.password = "p/w"
        options.users = [RedisServerOptions.User(name: "ann", password: "s:3")]
        try await withRedisServer(options) { server in
            let socket = server.socketPath
            try await withClient("unix://ann:s%3A3@\(socket)?db=3&client_name=tester") { client in
                let user = try await client.execute(raw: RESPCommand("ACL", "WHOAMI"))
                #expect(user.string == "ann")
                #expect(try await client.execute(raw: RESPCommand("CLIENT", "GETNAME")).string == "tester")
                #expect(try await client.execute(raw: RESPCommand("CLIENT", "INFO")).string?.contains(" db=3 ") == true)
            }
            try await withClient("unix://:p%2Fw@\(socket)") { try await $0.execute(PING()) }
            for url in ["unix://\(socket)", "unix://:wrong@\(socket)", "unix://bob:wrong@\(socket)"] {
                let error = await #expect(throws: RedisError.self) { try await withClient(url) { try await $0.execute(PING()) } }
                #expect(error?.code == .authenticationFailed)
                #expect(error?.mayHaveBeenExecuted == false)
            }
        }
    }

    @Test("connects over TCP")
    func tcp() async throws {
        var options = RedisServerOptions()
        options.listensOnTCP = true
        try await withRedisServer(options) { server in
            let port = try #require(server.port)
            try await withClient("redis://localhost:\(port)") { try await $0.execute(PING()) }
        }
    }

    @Test("surfaces a server without memory by its code")
    func outOfMemory() async throws {
        var options = RedisServerOptions()
        options.maximumMemoryBytes = 1
        try await withRedisServer(options) { server in
            try await withClient(server.url) { client in
                let error = await #expect(throws: RedisError.self) { try await client.execute(SET("k", "v")) }
                #expect(error?.serverError?.code == "OOM")
            }
        }
    }

    @Test("stops with its service group and fails what comes after")
    func service() async throws {
        try await withRedisServer { server in
            let configuration = try RedisConfiguration.patient(server.url)
            let client = RedisClient(configuration, logger: quietLogger)
            let group = ServiceGroup(services: [client], logger: quietLogger)
            let running = Task { try await group.run() }
            try await client.execute(PING())
            await group.triggerGracefulShutdown()
            try await running.value
            let error = await #expect(throws: RedisError.self) { try await client.execute(PING()) }
            #expect(error?.code == .clientShutDown)
        }
    }

    @Test("can be dropped without ever having been run")
    func neverRun() async throws {
        _ = RedisClient(RedisConfiguration(), logger: quietLogger)
        _ = RedisBlockingClient(RedisConfiguration(), logger: quietLogger)
    }
}
