import CanoTesting
import NIOCore
import NIOPosix
import Testing

@testable import CanoEmbeddedRedis

@Suite("A free port", .timeLimit(.minutes(1)))
struct FreePortTests {
    @Test("is one that a server can have, and is not free while the server has it")
    func taken() async throws {
        // Another process can be given the same port before this server has it, and a process that another test starts has this
        // test's sockets until it becomes its own program.
        var server: (any Channel)?
        try await eventually(within: .seconds(30), "a server has the port that was found") {
            let port = try await FreePort.find()
            server = try? await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup).bind(host: "127.0.0.1", port: port).get()
            return server != nil
        }
        let listening = try #require(server)
        let port = try #require(listening.localAddress?.port)
        #expect((1...65_535).contains(port))
        #expect(await !FreePort.isFree(port))
        try await listening.close()
        try await eventually(within: .seconds(30), "port \(port) is free") { await FreePort.isFree(port) }
    }
}
