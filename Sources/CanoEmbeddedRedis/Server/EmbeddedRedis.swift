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
/// It keeps an append-only file in its state folder, so the bus survives a restart. A server left over from a crash is ended
/// first, and loses nothing. Two processes can't share a folder.
public final class EmbeddedRedis: Service {
    /// How to reach it: over a unix socket in its folder.
    public let configuration: RedisConfiguration

    private let folder: StateFolder
    private let whenUp: @Sendable (String, String) -> Void
    private let logger: Logger

    /// Prepares a server; it starts with ``run()``.
    ///
    /// - Parameters:
    ///   - path: The state folder, made when missing. It has the server's data, its socket and its log.
    ///   - logger: Receives what the server's owner should know.
    ///   - whenUp: Called once the server answers, with its two URLs: a loopback URL for programs that know no unix sockets,
    ///     which is valid on this machine until the server ends, and the URL of its socket.
    /// - Throws: ``EmbeddedRedisError`` when the folder can't be used, or another process uses it.
    public init(
        stateFolder path: String, logger: Logger,
        whenUp: @escaping @Sendable (_ loopbackURL: String, _ socketURL: String) -> Void = { _, _ in }
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
        for attempt in 1...2 {
            let port = try await FreePort.find()
            let wasUp = try await serve(on: port)
            if isStopping { return }
            // Another process may have taken the port just before the server did.
            guard attempt == 1, !wasUp, await !FreePort.isFree(port) else { break }
            logger.notice("the port for the embedded redis-server was taken; trying another", metadata: ["port": "\(port)"])
        }
        throw EmbeddedRedisError("The embedded redis-server ended by itself: see \(folder.path(of: "redis.log")).")
    }

    /// Runs the server on this port until it ends.
    ///
    /// - Returns: Whether it has answered meanwhile.
    private func serve(on port: Int) async throws -> Bool {
        var options = PlatformOptions()
        // In a session of its own, or an interrupt from the terminal would end it before the bridge is done with it.
        options.createSession = true
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(10))]
        let server = Subprocess.Configuration(
            executable: .name("redis-server"), arguments: Arguments(arguments(port)), workingDirectory: FilePath(folder.path),
            platformOptions: options)
        // The server reads nothing from its input: it inherits the lock this way, and holds it until it ends.
        let lock = FileDescriptor(rawValue: folder.serverLock.descriptor)
        return try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask { await self.announce(port) }
            do {
                _ = try await Subprocess.run(
                    server, input: .fileDescriptor(lock, closeAfterSpawningProcess: false), output: .discarded, error: .discarded)
            } catch {
                throw EmbeddedRedisError(
                    "redis-server could not be started: install it (Debian: apt install redis-server), or give the URL of one with --redis.",
                    underlying: error)
            }
            group.cancelAll()
            return try await group.next() ?? false
        }
    }

    /// Announces the server's URLs once it answers; false when cancelled before.
    private func announce(_ port: Int) async -> Bool {
        let ping = ServerProbe(redis: configuration, command: RESPCommand("PING"), logger: logger)
        do {
            while await !ping.isAnswered(within: .seconds(1)) { try await Task.sleep(for: .milliseconds(50)) }
        } catch {
            return false
        }
        whenUp("redis://127.0.0.1:\(port)", Self.socketURL(folder.path(of: "redis.sock")))
        return true
    }

    private func arguments(_ port: Int) -> [String] {
        [
            "--dir", folder.path, "--unixsocket", folder.path(of: "redis.sock"), "--unixsocketperm", "700",
            "--bind", "127.0.0.1", "--port", String(port), "--appendonly", "yes", "--appendfsync", "everysec", "--save", "",
            "--maxmemory-policy", "noeviction", "--logfile", folder.path(of: "redis.log"), "--pidfile", folder.path(of: "redis.pid"),
        ]
    }

    /// The URL of a unix socket.
    static func socketURL(_ path: String) -> String {
        // Everything before an @ would be read as a user's name.
        let allowed = CharacterSet.urlPathAllowed.subtracting(CharacterSet(charactersIn: "@"))
        return "unix://" + (path.addingPercentEncoding(withAllowedCharacters: allowed) ?? path)
    }
}
