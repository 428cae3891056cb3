import RedisServerFixture
import Testing

@testable import CanoRedis

@Suite("What a user may do, and how long keys live", .timeLimit(.minutes(5)))
struct AccessCommandTests {
    @Test("of a user are told by the server, which executes nothing")
    func rights() async throws {
        var options = RedisServerOptions()
        options.users = [RedisServerOptions.User(name: "ann", password: "p", rules: "%R~a:* +get +set +acl")]
        try await withRedisServer(options) { server in
            try await withClient("unix://ann:p@\(server.socketPath)") { redis in
                let user = try await redis.execute(ACL.WHOAMI())
                #expect(user == "ann")
                #expect(try await redis.execute(ACL.DRYRUN("ann", ["GET", "a:1"])) == nil)
                #expect(try await redis.execute(ACL.DRYRUN("ann", ["SET", "a:1", "x"]))?.contains("to access the 'a:1' key") == true)
                #expect(try await redis.execute(ACL.DRYRUN("ann", ["DEL", "a:1"]))?.contains("to run the 'del' command") == true)
            }
            try await withClient(server.url) { redis in
                #expect(try await redis.execute(GET("a:1")) == nil)
                #expect(try await redis.execute(PTTL("a:1")) == nil)
                _ = try await redis.execute(SET("a:1", "x"))
                #expect(try await redis.execute(PTTL("a:1")) == nil)
                _ = try await redis.execute(PEXPIRE("a:1", after: .seconds(60)))
                let left = try #require(await redis.execute(PTTL("a:1")))
                #expect(left > .zero && left <= .seconds(60))
            }
        }
    }

    @Test("are told apart from streams and groups that are not there")
    func missing() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { redis in
                let gone = await #expect(throws: RedisError.self) { try await redis.execute(XINFO.GROUPS("s")) }
                #expect(gone?.saysNoStream == true)
                _ = try await redis.execute(XADD("s", [("a", [1])]))
                let noGroup = await #expect(throws: RedisError.self) { try await redis.execute(XINFO.CONSUMERS("s", "g")) }
                #expect(noGroup?.saysNoStream == true)
                _ = try await redis.execute(SET("text", "x"))
                let other = await #expect(throws: RedisError.self) { try await redis.execute(XINFO.GROUPS("text")) }
                #expect(other?.saysNoStream == false)
            }
        }
    }
}
