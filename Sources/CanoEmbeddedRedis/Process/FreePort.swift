import NIOCore
import NIOPosix

/// Looks for loopback ports that no process listens on.
enum FreePort {
    /// A free port, chosen by the system.
    ///
    /// - Throws: ``EmbeddedRedisError`` when there is none.
    static func find() async throws(EmbeddedRedisError) -> Int {
        let port: Int?
        do {
            port = try await bound(to: 0)
        } catch {
            throw EmbeddedRedisError("No free port was found on 127.0.0.1.", underlying: error)
        }
        guard let port else { throw EmbeddedRedisError("No free port was found on 127.0.0.1.") }
        return port
    }

    /// Whether a server could still listen on this port.
    static func isFree(_ port: Int) async -> Bool {
        do {
            return try await bound(to: port) == port
        } catch {
            return false
        }
    }

    /// The port a server gets that asks for this one, or with 0 for any. It is given back at once.
    private static func bound(to port: Int) async throws -> Int? {
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            // As servers ask: connections that have ended are no obstacle.
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(host: "127.0.0.1", port: port).get()
        let port = channel.localAddress?.port
        try await channel.close()
        return port
    }
}
