import Glibc

/// A real redis-server of a test's own: a private unix socket, a temporary folder, no data but the test's.
///
/// Use ``withRedisServer(_:_:)``, which ends it whatever the test does.
package actor RedisServer {
    package nonisolated let folder: TemporaryFolder
    package nonisolated let socketPath: String
    /// The loopback port, when one was asked for.
    package nonisolated let port: Int?
    /// The loopback port for TLS, when it was asked for.
    package nonisolated let tlsPort: Int?
    /// The certificates, when TLS was asked for.
    package nonisolated let certificates: TestCertificates?
    private let arguments: [String]
    private let orphanGuard: OrphanGuard
    private var process: ServerProcess?

    /// The server's URL on its unix socket, without credentials.
    package nonisolated var url: String { "unix://\(socketPath)" }

    /// The server's process, while it runs.
    package var pid: Int32? { process?.pid }

    private init(options: RedisServerOptions, folder: TemporaryFolder) async throws {
        self.folder = folder
        orphanGuard = await OrphanGuard(pidFile: folder.file("pid"), folder: folder.path)
        socketPath = folder.file("redis.sock")
        port = options.listensOnTCP ? try await freePort() : nil
        var arguments = [
            "--dir", folder.path, "--unixsocket", folder.file("redis.sock"), "--port", port.map(String.init) ?? "0", "--bind", "127.0.0.1",
            "--pidfile", folder.file("pid"), "--daemonize", "no", "--save", "", "--appendonly", options.appendOnly ? "yes" : "no",
        ]
        switch options.tls {
        case .none:
            tlsPort = nil
            certificates = nil
        case .server, .mutual:
            let port = try await freePort()
            let made = try await TestCertificates(in: folder, names: options.certificateNames)
            tlsPort = port
            certificates = made
            arguments += [
                "--tls-port", String(port), "--tls-cert-file", made.serverCertificate, "--tls-key-file", made.serverKey,
                "--tls-ca-cert-file", made.authority, "--tls-auth-clients", options.tls == .mutual ? "yes" : "no",
            ]
        }
        if let password = options.password { arguments += ["--requirepass", password] }
        for user in options.users {
            arguments += ["--user", user.name, "on", ">\(user.password)"] + user.rules.split(separator: " ").map(String.init)
        }
        if let bytes = options.maximumMemoryBytes { arguments += ["--maxmemory", String(bytes)] }
        self.arguments = arguments + options.arguments
    }

    /// Starts a server and waits until it takes connections. End it with ``remove()``.
    package static func start(_ options: RedisServerOptions = RedisServerOptions()) async throws -> RedisServer {
        let folder = try TemporaryFolder()
        do {
            let server = try await RedisServer(options: options, folder: folder)
            do {
                try await server.start()
            } catch {
                await server.remove()
                throw error
            }
            return server
        } catch {
            folder.remove()
            throw error
        }
    }

    /// Starts the server again on the same folder, after ``kill()`` or ``stop()``.
    package func start() async throws {
        guard process == nil else { return }
        process = try await ServerProcess.start(arguments)
    }

    /// Ends the server as a crash does: nothing is said, nothing is saved.
    package func kill() async {
        await end(with: SIGKILL)
    }

    /// Asks the server to end, which it does after saving what it was told to save.
    package func stop() async {
        await end(with: SIGTERM)
    }

    /// Stops the server and starts it on the same folder.
    package func restart() async throws {
        await stop()
        try await start()
    }

    /// Holds the server still: it keeps its connections and answers nothing.
    package func pause() {
        process?.signal(SIGSTOP)
    }

    /// Lets a held server go on.
    package func resume() {
        process?.signal(SIGCONT)
    }

    /// Ends the server and removes its folder.
    package func remove() async {
        await kill()
        await orphanGuard.dismiss()
        folder.remove()
    }

    private func end(with signal: Int32) async {
        guard let process else { return }
        self.process = nil
        process.signal(signal)
        await process.ended()
    }
}
