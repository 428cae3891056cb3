import CanoRedis
import Logging

/// One command to the embedded server, on a connection of its own.
struct ServerProbe: Sendable {
    let redis: RedisConfiguration
    let command: RESPCommand
    let logger: Logger

    /// Whether the server answers it in time, and not with an error.
    func isAnswered(within timeout: Duration) async -> Bool {
        var settings = redis
        settings.connectTimeout = timeout
        settings.commandTimeout = timeout
        let client = RedisClient(settings, logger: Logger(label: "cano", factory: { _ in SwiftLogNoOpLogHandler() }))
        return await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.run() }
            defer { group.cancelAll() }
            do {
                _ = try await client.execute(raw: command)
                return true
            } catch {
                logger.debug("the embedded redis-server did not answer", metadata: ["error": "\(error)"])
                return false
            }
        }
    }
}
