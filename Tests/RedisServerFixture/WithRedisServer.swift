/// Runs `body` with a server of its own and ends it however `body` ends.
package func withRedisServer<Result>(
    _ options: RedisServerOptions = RedisServerOptions(), _ body: (RedisServer) async throws -> Result
) async throws -> Result {
    let server = try await RedisServer.start(options)
    do {
        let result = try await body(server)
        await server.remove()
        return result
    } catch {
        await server.remove()
        throw error
    }
}
