import InMemoryLogging
import Logging
import RedisServerFixture
import Testing

@testable import CanoRedis

@Suite("TLS with a real server", .timeLimit(.minutes(5)))
struct TLSTests {
    private func withTLSServer(
        _ tls: RedisServerOptions.TLS, for names: [String] = ["DNS:localhost"], _ body: (Int, TestCertificates) async throws -> Void
    ) async throws {
        var options = RedisServerOptions()
        options.tls = tls
        options.certificateNames = names
        try await withRedisServer(options) { server in
            try await body(try #require(server.tlsPort), try #require(server.certificates))
        }
    }

    private func ping(_ url: String) async throws {
        try await withClient(url) { try await $0.execute(PING()) }
    }

    private func expectRefusal(_ url: String) async {
        let error = await #expect(throws: RedisError.self) { try await ping(url) }
        #expect(error?.code == .tlsFailed)
        #expect(error?.mayHaveBeenExecuted == false)
    }

    @Test("trusts the given authority, by name and by address")
    func trusted() async throws {
        try await withTLSServer(.server, for: ["DNS:localhost", "IP:127.0.0.1"]) { port, certificates in
            try await ping("rediss://localhost:\(port)?ssl_ca_certs=\(certificates.authority)")
            try await ping("rediss://127.0.0.1:\(port)?ssl_ca_certs=\(certificates.authority)")
        }
    }

    @Test("refuses a certificate of another authority, and of none it knows")
    func wrongAuthority() async throws {
        try await withTLSServer(.server) { port, certificates in
            await expectRefusal("rediss://localhost:\(port)?ssl_ca_certs=\(certificates.otherAuthority)")
            await expectRefusal("rediss://localhost:\(port)")
        }
    }

    @Test("refuses a certificate for another host, unless told not to look")
    func wrongHost() async throws {
        try await withTLSServer(.server) { port, certificates in
            let authority = "ssl_ca_certs=\(certificates.authority)"
            await expectRefusal("rediss://localhost:\(port)?\(authority)&ssl_server_name=redis.example.org")
            await expectRefusal("rediss://127.0.0.1:\(port)?\(authority)")
            try await ping("rediss://127.0.0.1:\(port)?\(authority)&ssl_server_name=localhost")
            try await ping("rediss://localhost:\(port)?\(authority)&ssl_server_name=redis.example.org&ssl_verify=chain")
            try await ping("rediss://localhost:\(port)?ssl_verify=none")
        }
    }

    @Test("says loudly that a certificate is not verified, once", arguments: [("none", 1), ("full", 0)])
    func unverified(_ verification: String, warnings: Int) throws {
        let log = InMemoryLogHandler()
        let configuration = try RedisConfiguration(url: "rediss://localhost?ssl_verify=\(verification)")
        _ = RedisClient(configuration, logger: Logger(label: "test") { _ in log })
        #expect(log.entries.filter { $0.level == .warning && "\($0.message)".contains("NOT verified") }.count == warnings)
    }

    @Test("shows the client's certificate to a server that asks for it")
    func mutual() async throws {
        try await withTLSServer(.mutual) { port, certificates in
            let url = "rediss://localhost:\(port)?ssl_ca_certs=\(certificates.authority)"
            try await ping("\(url)&ssl_certfile=\(certificates.clientCertificate)&ssl_keyfile=\(certificates.clientKey)")
            await expectRefusal(url)
        }
    }

    @Test("says that a file cannot be read before it connects")
    func missingFile() async throws {
        await expectRefusal("rediss://localhost:1?ssl_ca_certs=/no/such/file.pem")
    }

    @Test("says which of certificate and key is missing before it connects")
    func halfAPair() async throws {
        try await withTLSServer(.mutual) { port, certificates in
            let url = "rediss://localhost:\(port)?ssl_ca_certs=\(certificates.authority)&ssl_certfile=\(certificates.clientCertificate)"
            let error = await #expect(throws: RedisError.self) { try await ping(url) }
            #expect(error?.code == .invalidConfiguration)
        }
    }
}
