package import CanoRedis
package import Logging

/// Runs `body` with a running client and ends the client however `body` ends.
package func withClient<Result: Sendable>(
    _ configuration: RedisConfiguration, _ body: (RedisClient) async throws -> Result
) async throws -> Result {
    let client = RedisClient(configuration, logger: quietLogger)
    let running = Task { try await client.run() }
    do {
        let result = try await body(client)
        running.cancel()
        try await running.value
        return result
    } catch {
        running.cancel()
        try await running.value
        throw error
    }
}

/// The same for the server at a URL.
package func withClient<Result: Sendable>(_ url: String, _ body: (RedisClient) async throws -> Result) async throws -> Result {
    var configuration = try RedisConfiguration(url: url)
    // Hundreds of tests begin at once, and how soon a command of theirs gets its turn is not what they are about.
    configuration.commandTimeout = .seconds(30)
    return try await withClient(configuration, body)
}

/// A client for blocking reads, closed however `body` ends.
package func withBlockingClient<Result: Sendable>(_ url: String, _ body: (RedisBlockingClient) async throws -> Result) async throws
    -> Result
{
    let client = RedisBlockingClient(try RedisConfiguration(url: url), logger: quietLogger)
    do {
        let result = try await body(client)
        await client.close()
        return result
    } catch {
        await client.close()
        throw error
    }
}

/// Keeps what it is told to itself.
package let quietLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
