import NIOCore
import NIOPosix

/// A loopback port nobody listens on: bound once to let the system choose, then given back.
func freePort() async throws -> Int {
    let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup).bind(host: "127.0.0.1", port: 0).get()
    let port = channel.localAddress?.port
    try await channel.close()
    guard let port else { throw FixtureError("the system gave no port") }
    return port
}
