public import CanoRedis
import Foundation
public import Logging
public import ServiceLifecycle
import Subprocess

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// A private `redis-server` that starts and ends with this process.
///
/// It keeps an append-only file in its state folder, so the bus survives a restart. A process that is killed takes its server along; one
/// that has not ended yet is told to end and waited for, and nothing is lost. Two processes can't share a folder.
///
/// It listens on no port: only a unix socket, which no other user of the machine can open.
public final class EmbeddedRedis: Service {
    /// How to reach it: over a unix socket in its folder.
    public let configuration: RedisConfiguration

    private let folder: StateFolder
    private let whenUp: @Sendable (_ socketPath: String) -> Void
    private let logger: Logger

    /// Prepares a server; it starts with ``run()``.
    ///
    /// - Parameters:
    ///   - path: The state folder, made when missing. It has the server's data, its socket and its log.
    ///   - logger: Receives what the server's owner should know.
    ///   - whenUp: Called once the server answers, with the path of its socket.
    /// - Throws: ``EmbeddedRedisError`` when the folder can't be used, or another process uses it.
    public init(
        stateFolder path: String, logger: Logger,
        whenUp: @escaping @Sendable (_ socketPath: String) -> Void = { _ in }
    ) throws(EmbeddedRedisError) {
        folder = try StateFolder(path)
        configuration = RedisConfiguration(address: .unixSocket(path: folder.path(of: "redis.sock")))
        self.whenUp = whenUp
        self.logger = logger
    }

    /// Runs the server until a graceful shutdown is asked for or the task is cancelled, and waits for its end.
    ///
    /// - Throws: ``EmbeddedRedisError`` when there is no `redis-server`, when it ends by itself, or
    ///   when one left over from a crash does not end.
    public func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                try await StaleServer(folder: self.folder, redis: self.configuration, logger: self.logger).end()
                try await self.serve()
            }
        } catch {
            guard isStopping else { throw error }
        }
    }

    private var isStopping: Bool { Task.isCancelled || Task.isShuttingDownGracefully }

    private func serve() async throws {
        var options = PlatformOptions()
        // In a session of its own, or an interrupt from the terminal would end it before the bridge is done with it.
        options.createSession = true
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(10))]
        let server = Subprocess.Configuration(
            executable: .name("redis-server"), arguments: Arguments(arguments), workingDirectory: FilePath(folder.path),
            platformOptions: options)
        // The server reads nothing from its input: it inherits the lock this way, and holds it until it ends.
        let lock = FileDescriptor(rawValue: folder.serverLock.descriptor)
        let (started, start) = AsyncStream.makeStream(of: ProcessIdentifier.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.announce() }
            group.addTask {
                for await process in started { await ServerGuard(logger: self.logger).guardServer(process) }
            }
            defer { group.cancelAll() }
            do {
                _ = try await Subprocess.run(
                    server, input: .fileDescriptor(lock, closeAfterSpawningProcess: false), output: .discarded, error: .discarded
                ) { execution in start.yield(execution.processIdentifier) }
            } catch {
                throw EmbeddedRedisError(
                    "redis-server could not be started: install it (Debian: apt install redis-server), or give the URL of one with --redis.",
                    underlying: error)
            }
        }
        if isStopping { return }
        throw EmbeddedRedisError("The embedded redis-server ended by itself: see \(folder.path(of: "redis.log")).")
    }

    /// Says where the server is once it answers.
    private func announce() async throws {
        let ping = ServerProbe(redis: configuration, command: RESPCommand("PING"), logger: logger)
        while await !ping.isAnswered(within: .seconds(1)) { try await Task.sleep(for: .milliseconds(50)) }
        whenUp(folder.path(of: "redis.sock"))
    }

    private var arguments: [String] {
        [
            "--dir", folder.path, "--unixsocket", folder.path(of: "redis.sock"), "--unixsocketperm", "700", "--port", "0",
            "--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--maxmemory-policy", "noeviction",
            // Records with an input of up to 1 KiB stay packed: they take half of what they would.
            "--hash-max-listpack-value", "1024",
            "--logfile", folder.path(of: "redis.log"), "--pidfile", folder.path(of: "redis.pid"),
        ]
    }

    /// The URL of a unix socket.
    package static func socketURL(_ path: String) -> String {
        // Everything before an @ would be read as a user's name.
        let allowed = CharacterSet.urlPathAllowed.subtracting(CharacterSet(charactersIn: "@"))
        return "unix://" + (path.addingPercentEncoding(withAllowedCharacters: allowed) ?? path)
    }
}
