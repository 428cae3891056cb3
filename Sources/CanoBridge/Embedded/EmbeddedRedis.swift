public import CanoRedis
public import Logging
public import ServiceLifecycle
import Subprocess

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// A private `redis-server` for those who have none: it lives and ends with the process that runs it.
///
/// It keeps an append-only file in its state folder, so a bus survives a restart. One left over from a crash is ended
/// first; nothing is lost by that. Two processes can't share a folder.
public final class EmbeddedRedis: Service {
    /// How to reach it: over a unix socket in its folder.
    public let configuration: RedisConfiguration
    /// The same as a URL.
    public let url: String
    /// How to reach it from programs that know no unix sockets, on this machine only.
    public let loopbackURL: String

    private let folder: StateFolder
    private let port: Int
    private let logger: Logger

    /// Prepares a server; it starts with ``run()``.
    ///
    /// - Parameters:
    ///   - path: Its state folder, made when missing: where its data, its socket and its log are.
    ///   - logger: Where it says what it does.
    /// - Throws: ``BridgeError`` with the code `embeddedRedisFailed` when the folder can't be used, or another process uses it.
    public init(stateFolder path: String, logger: Logger) throws(BridgeError) {
        folder = try StateFolder(path)
        port = try FreePort.find()
        url = "unix://" + folder.path(of: "redis.sock")
        loopbackURL = "redis://127.0.0.1:\(port)"
        configuration = RedisConfiguration(address: .unixSocket(path: folder.path(of: "redis.sock")))
        self.logger = logger
    }

    /// Runs the server until a graceful shutdown is asked for or the task is cancelled, and waits for its end.
    ///
    /// - Throws: ``BridgeError`` with the code `embeddedRedisFailed` when there is no `redis-server`, or it ends by itself.
    public func run() async throws {
        try await endLeftover()
        var options = PlatformOptions()
        // In a session of its own, or an interrupt from the terminal would end it before the bridge is done with it.
        options.createSession = true
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(10))]
        let server = Subprocess.Configuration(
            executable: .name("redis-server"), arguments: Arguments(arguments), workingDirectory: FilePath(folder.path),
            platformOptions: options)
        do {
            _ = try await cancelWhenGracefulShutdown {
                try await Subprocess.run(server, input: .none, output: .discarded, error: .discarded)
            }
        } catch {
            if Task.isCancelled || Task.isShuttingDownGracefully { return }
            throw BridgeError(
                .embeddedRedisFailed,
                "redis-server could not be started: install it (Debian: apt install redis-server), or give the URL of one with --redis.",
                underlying: error)
        }
        guard Task.isCancelled || Task.isShuttingDownGracefully else {
            throw BridgeError(.embeddedRedisFailed, "The embedded redis-server ended by itself: see \(folder.path(of: "redis.log")).")
        }
    }

    private var arguments: [String] {
        [
            "--dir", folder.path, "--unixsocket", folder.path(of: "redis.sock"), "--unixsocketperm", "700",
            "--bind", "127.0.0.1", "--port", String(port), "--appendonly", "yes", "--appendfsync", "everysec", "--save", "",
            "--maxmemory-policy", "noeviction", "--logfile", folder.path(of: "redis.log"),
        ]
    }

    /// Ends a server whose process was killed: this one holds the folder's lock, so nobody else needs it.
    private func endLeftover() async throws {
        guard folder.has("redis.sock") else { return }
        if await answers(RESPCommand("PING"), within: .milliseconds(500)) {
            logger.notice("a redis-server left over from a crash is ended", metadata: ["folder": "\(folder.path)"])
            // It closes the connection, instead of answering, when its data is on the disk.
            _ = await answers(RESPCommand("SHUTDOWN"), within: .seconds(30))
        }
        try folder.remove("redis.sock")
    }

    private func answers(_ command: RESPCommand, within time: Duration) async -> Bool {
        var settings = configuration
        settings.connectTimeout = time
        settings.commandTimeout = time
        let client = RedisClient(settings, logger: logger)
        return await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.run() }
            defer { group.cancelAll() }
            do {
                _ = try await client.execute(raw: command)
                return true
            } catch {
                logger.debug("a left over redis-server did not answer", metadata: ["error": "\(error)"])
                return false
            }
        }
    }
}
