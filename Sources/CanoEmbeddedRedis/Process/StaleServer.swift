import CanoRedis
import Foundation
import Logging

/// A server that has outlived its bridge, because the bridge was killed.
///
/// Two servers on one append-only file destroy it, so the next server must not start before this one's process has ended. A
/// server that doesn't answer may still run: it may be busy, or suspended.
struct StaleServer: Sendable {
    let folder: StateFolder
    let redis: RedisConfiguration
    let logger: Logger

    /// How long it may take to write its data and end.
    private static let timeout: Duration = .seconds(20)

    /// Ends the server, if there is one. This process then holds the folder's server lock.
    ///
    /// - Throws: ``EmbeddedRedisError`` when the server does not end.
    func end() async throws {
        let deadline = ContinuousClock.now.advanced(by: Self.timeout)
        let shutdown = ServerProbe(redis: redis, command: RESPCommand("SHUTDOWN"), logger: logger)
        var isTold = false
        while try !folder.serverLock.take() {
            guard ContinuousClock.now < deadline else { throw failure }
            if !isTold { logger.notice("a redis-server left over from a crash is ended", metadata: ["folder": "\(folder.path)"]) }
            isTold = true
            // The server closes the connection, instead of answering, once its data is on the disk.
            _ = await shutdown.isAnswered(within: .seconds(2))
            try await Task.sleep(for: .milliseconds(50))
        }
        // A killed server leaves these behind. By now its process number may belong to another process.
        try folder.remove("redis.sock")
        try folder.remove("redis.pid")
    }

    private var failure: EmbeddedRedisError {
        let process: String
        do {
            let number = try String(contentsOfFile: folder.path(of: "redis.pid"), encoding: .utf8)
            process = number.trimmingCharacters(in: .whitespacesAndNewlines)
        } catch {
            process = "unknown"
        }
        return EmbeddedRedisError(
            """
            A redis-server left over from a crash (process \(process)) has the state folder \(folder.path) and did not end within \
            \(Self.timeout.components.seconds) s. It may be writing: start again later. If it is stuck, end its process first.
            """)
    }
}
