import CanoBridge
import CanoRedis
import Logging

/// A command for the embedded server, sent on a connection that is made for it.
struct ServerQuestion: Sendable {
    let redis: RedisConfiguration
    let command: RESPCommand
    let logger: Logger

    /// Whether it is answered in time, and not with an error.
    func isAnswered(within time: Duration) async -> Bool {
        var settings = redis
        settings.connectTimeout = time
        settings.commandTimeout = time
        let client = RedisClient(settings, logger: .silent)
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
