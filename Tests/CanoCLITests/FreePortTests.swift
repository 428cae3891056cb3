import NIOCore
import NIOPosix
import Testing

@testable import CanoCLI

@Suite("A free port", .timeLimit(.minutes(1)))
struct FreePortTests {
    @Test("is one that a server can have, and is not free while the server has it")
    func taken() async throws {
        let port = try await FreePort.find()
        #expect((1...65_535).contains(port))
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup).bind(host: "127.0.0.1", port: port).get()
        #expect(await !FreePort.isFree(port))
        try await server.close()
        #expect(await FreePort.isFree(port))
    }
}
