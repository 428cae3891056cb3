public import CanoBridge
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

    private let folder: StateFolder
    private let whenUp: @Sendable (String, String) -> Void
    private let logger: Logger

    /// Prepares a server; it starts with ``run()``.
    ///
    /// - Parameters:
    ///   - path: Its state folder, made when missing: where its data, its socket and its log are.
    ///   - logger: Where it says what it does.
    ///   - whenUp: Called once it answers, with its URLs: one for programs that know no unix sockets, which is good on this
    ///     machine only and until the server ends, and the one of its socket.
    /// - Throws: ``BridgeError`` with the code `embeddedRedisFailed` when the folder can't be used, or another process uses it.
    public init(
        stateFolder path: String, logger: Logger,
        whenUp: @escaping @Sendable (_ loopbackURL: String, _ socketURL: String) -> Void = { _, _ in }
    ) throws(BridgeError) {
        folder = try StateFolder(path)
        configuration = RedisConfiguration(address: .unixSocket(path: folder.path(of: "redis.sock")))
        self.whenUp = whenUp
        self.logger = logger
    }

    /// Runs the server until a graceful shutdown is asked for or the task is cancelled, and waits for its end.
    ///
    /// - Throws: ``BridgeError`` with the code `embeddedRedisFailed` when there is no `redis-server`, when it ends by itself, or
    ///   when one left over from a crash does not end.
    public func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                try await LeftoverServer(folder: self.folder, redis: self.configuration, logger: self.logger).end()
                try await self.serve()
            }
        } catch {
            guard isStopping else { throw error }
        }
    }

    private var isStopping: Bool { Task.isCancelled || Task.isShuttingDownGracefully }

    private func serve() async throws {
        for attempt in 1...2 {
            let port = try FreePort.find()
            let wasUp = try await serve(on: port)
            if isStopping { return }
            // In the moment since it was found somebody else may have taken the port.
            guard attempt == 1, !wasUp, !FreePort.isFree(port) else { break }
            logger.notice("the port for the embedded redis-server was taken, another is tried", metadata: ["port": "\(port)"])
        }
        throw BridgeError(.embeddedRedisFailed, "The embedded redis-server ended by itself: see \(folder.path(of: "redis.log")).")
    }

    /// Runs the server on this port to its end; whether it has answered meanwhile.
    private func serve(on port: Int) async throws -> Bool {
        var options = PlatformOptions()
        // In a session of its own, or an interrupt from the terminal would end it before the bridge is done with it.
        options.createSession = true
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(10))]
        let server = Subprocess.Configuration(
            executable: .name("redis-server"), arguments: Arguments(arguments(port)), workingDirectory: FilePath(folder.path),
            platformOptions: options)
        // It reads nothing: what it is given is the lock, for as long as it lives.
        let lock = FileDescriptor(rawValue: folder.serverLock.descriptor)
        return try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask { await self.announce(port) }
            do {
                _ = try await Subprocess.run(
                    server, input: .fileDescriptor(lock, closeAfterSpawningProcess: false), output: .discarded, error: .discarded)
            } catch {
                throw BridgeError(
                    .embeddedRedisFailed,
                    "redis-server could not be started: install it (Debian: apt install redis-server), or give the URL of one with --redis.",
                    underlying: error)
            }
            group.cancelAll()
            return try await group.next() ?? false
        }
    }

    /// Says where the server is once it answers; false when it is cancelled before.
    private func announce(_ port: Int) async -> Bool {
        let ping = ServerQuestion(redis: configuration, command: RESPCommand("PING"), logger: logger)
        do {
            while await !ping.isAnswered(within: .seconds(1)) { try await Task.sleep(for: .milliseconds(50)) }
        } catch {
            return false
        }
        whenUp("redis://127.0.0.1:\(port)", "unix://" + Self.percentEncoded(folder.path(of: "redis.sock")))
        return true
    }

    private func arguments(_ port: Int) -> [String] {
        [
            "--dir", folder.path, "--unixsocket", folder.path(of: "redis.sock"), "--unixsocketperm", "700",
            "--bind", "127.0.0.1", "--port", String(port), "--appendonly", "yes", "--appendfsync", "everysec", "--save", "",
            "--maxmemory-policy", "noeviction", "--logfile", folder.path(of: "redis.log"), "--pidfile", folder.path(of: "redis.pid"),
        ]
    }

    /// A path as it stands in a URL.
    private static func percentEncoded(_ path: String) -> String {
        var text = ""
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "~"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                text += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return text
    }
}
