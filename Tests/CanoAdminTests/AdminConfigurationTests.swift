import Foundation
import Testing

@testable import CanoAdmin

@Suite("Where the admin server listens", .timeLimit(.minutes(5)))
struct AdminConfigurationTests {
    private let token: AdminToken

    init() throws { token = try AdminToken("0123456789abcdef") }

    @Test(
        "is a host and a port",
        arguments: [
            ("127.0.0.1:9464", "127.0.0.1", 9464, true), ("127.8.9.1:0", "127.8.9.1", 0, true), ("[::1]:80", "::1", 80, true),
            ("localhost:1", "localhost", 1, true), ("0.0.0.0:9464", "0.0.0.0", 9464, false), ("[::]:9464", "::", 9464, false),
            ("10.0.0.7:9464", "10.0.0.7", 9464, false), ("bridge.example:9464", "bridge.example", 9464, false),
            ("127.0.0.1.example.com:9464", "127.0.0.1.example.com", 9464, false), ("[::ffff:127.0.0.1]:1", "::ffff:127.0.0.1", 1, false),
        ])
    func addresses(text: String, host: String, port: Int, isLoopback: Bool) throws {
        let address = try AdminAddress(text)
        #expect((address.host, address.port, address.isLoopback) == (host, port, isLoopback))
        #expect(address.description == text)
    }

    @Test(
        "is refused where it is none, with what to give",
        arguments: [
            "", "9464", ":9464", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:٣", "::1:9464", "[::1]",
            "http://a:1",
            "a b:1", "[127.0.0.1]:1", "user@host:1",
        ])
    func noAddresses(text: String) {
        let error = #expect(throws: AdminError.self) { try AdminAddress(text) }
        #expect(error?.code == .invalidAddress)
        #expect(error?.message.contains("such as 127.0.0.1:9464") == true)
    }

    @Test("needs a token where other machines can reach it")
    func exposure() throws {
        let (near, far) = (try AdminAddress("127.0.0.1:9464"), try AdminAddress("0.0.0.0:9464"))
        #expect(try AdminConfiguration(address: near).token == nil)
        #expect(try AdminConfiguration(address: near, token: token).token != nil)
        #expect(try AdminConfiguration(address: far, token: token).token != nil)
        let error = #expect(throws: AdminError.self) { try AdminConfiguration(address: far) }
        #expect(error?.code == .missingToken)
        #expect(error?.message.contains("--admin-token-file") == true)
    }

    @Test(
        "is open to the one who shows the whole token, and to no other",
        arguments: [
            ("Bearer 0123456789abcdef", true), ("bearer 0123456789abcdef", true), ("Bearer 0123456789abcdeF", false),
            ("Bearer 0123456789abcde", false), ("Bearer 0123456789abcdef0", false), ("Basic 0123456789abcdef", false),
            ("0123456789abcdef", false), ("Bearer", false), ("Bearer ", false), ("", false),
        ])
    func showing(header: String, isShown: Bool) {
        #expect(token.isShown(by: header) == isShown)
        #expect(!token.isShown(by: nil))
    }

    @Test(
        "has a token that is long enough and has no space in it", arguments: ["", "short", "0123456789 abcdef", "0123456789abcdé", "\u{0}"])
    func badTokens(text: String) {
        let error = #expect(throws: AdminError.self) { try AdminToken(text) }
        #expect(error?.code == .invalidToken)
        #expect(error?.message.contains("openssl rand -hex 32") == true)
    }

    @Test("takes the token from a file, without the white space around it")
    func file() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "token-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data("  0123456789abcdef\n".utf8).write(to: URL(filePath: path))
        #expect(try AdminToken(file: path).isShown(by: "Bearer 0123456789abcdef"))
        let error = #expect(throws: AdminError.self) { try AdminToken(file: path + "-gone") }
        #expect(error?.code == .invalidToken)
        #expect(error?.message.contains(path) == true)
    }
}
