import CanoBridge
import CanoRedis
import Foundation
import Logging

/// A server that has outlived the process it belonged to, which was killed.
///
/// Two servers on one append-only file destroy it, so the next one must not start before this one's process is gone. That
/// it doesn't answer proves nothing: it may be busy, or held still.
struct LeftoverServer: Sendable {
    let folder: StateFolder
    let redis: RedisConfiguration
    let logger: Logger

    /// How long it has for writing what it holds.
    private static let patience: Duration = .seconds(20)

    /// Ends it, if there is one, and leaves the folder's server lock with this process.
    ///
    /// - Throws: ``BridgeError`` with the code `embeddedRedisFailed` when it does not end.
    func end() async throws {
        let deadline = ContinuousClock.now.advanced(by: Self.patience)
        let shutdown = ServerQuestion(redis: redis, command: RESPCommand("SHUTDOWN"), logger: logger)
        var isTold = false
        while try !folder.serverLock.take() {
            guard ContinuousClock.now < deadline else { throw failure }
            if !isTold { logger.notice("a redis-server left over from a crash is ended", metadata: ["folder": "\(folder.path)"]) }
            isTold = true
            // It closes the connection, instead of answering, when its data is on the disk.
            _ = await shutdown.isAnswered(within: .seconds(2))
            try await Task.sleep(for: .milliseconds(50))
        }
        // What it had no time to remove. An old process number may be somebody else's by now.
        try folder.remove("redis.sock")
        try folder.remove("redis.pid")
    }

    private var failure: BridgeError {
        let process: String
        do {
            let number = try String(contentsOfFile: folder.path(of: "redis.pid"), encoding: .utf8)
            process = number.trimmingCharacters(in: .whitespacesAndNewlines)
        } catch {
            process = "unknown"
        }
        return BridgeError(
            .embeddedRedisFailed,
            """
            A redis-server left over from a crash (process \(process)) has the state folder \(folder.path) and did not end within \
            \(Self.patience.components.seconds) s. It may be writing: start again later. If it is stuck, end its process first.
            """)
    }
}
