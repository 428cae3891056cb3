import CanoRedis
import RedisServerFixture
import Testing

/// One redis-server for all tests of a suite.
struct SharedRedisServer: SuiteTrait, TestScoping {
    /// A client of the server of the suite that runs.
    @TaskLocal static var client: RedisClient?
    /// Where it is.
    @TaskLocal static var url: String?

    func provideScope(for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void) async throws
    {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                try await Self.$client.withValue(client) { try await Self.$url.withValue(server.url) { try await function() } }
            }
        }
    }
}

extension Trait where Self == SharedRedisServer {
    /// Gives the suite's tests a redis-server, which ``ScriptTable/row(_:)`` uses.
    static var sharedRedisServer: Self { Self() }
}
