import RedisServerFixture
import Testing

@testable import CanoRedis

@Suite("TLS with a real server", .timeLimit(.minutes(1)))
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

    private func ping(_ url: String, _ change: (inout RedisConfiguration.TLS) -> Void = { _ in }) async throws {
        var configuration = try RedisConfiguration(url: url)
        var tls = try #require(configuration.tls)
        change(&tls)
        configuration.tls = tls
        try await withClient(configuration) { try await $0.execute(PING()) }
    }

    private func expectRefusal(_ url: String, _ change: (inout RedisConfiguration.TLS) -> Void = { _ in }) async {
        let error = await #expect(throws: RedisError.self) { try await ping(url, change) }
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
            let url = "rediss://localhost:\(port)?ssl_ca_certs=\(certificates.authority)"
            await expectRefusal(url) { $0.serverName = "redis.example.org" }
            await expectRefusal("rediss://127.0.0.1:\(port)?ssl_ca_certs=\(certificates.authority)")
            try await ping(url) {
                $0.serverName = "redis.example.org"
                $0.verification = .withoutHostName
            }
            try await ping("rediss://localhost:\(port)") { $0.verification = .none }
        }
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
