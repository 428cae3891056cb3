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
    try await withClient(.patient(url), body)
}

/// A client for blocking reads, closed however `body` ends.
package func withBlockingClient<Result: Sendable>(_ url: String, _ body: (RedisBlockingClient) async throws -> Result) async throws
    -> Result
{
    let client = RedisBlockingClient(try .patient(url), logger: quietLogger)
    do {
        let result = try await body(client)
        await client.close()
        return result
    } catch {
        await client.close()
        throw error
    }
}

extension RedisConfiguration {
    /// For the server at a URL, and for tests that are not about time: many run side by side, and a machine that something else keeps busy
    /// can take longer to give a command its turn than a program would wait.
    package static func patient(_ url: String) throws -> RedisConfiguration {
        var configuration = try RedisConfiguration(url: url)
        configuration.commandTimeout = .seconds(120)
        return configuration
    }
}

/// Keeps what it is told to itself.
package let quietLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
