import Testing

@testable import CanoRedis

@Suite("A Redis URL", .timeLimit(.minutes(1)))
struct RedisURLTests {
    @Test("gives host, port and database")
    func plain() throws {
        let configuration = try RedisConfiguration(url: "redis://example.org:6380/3")
        #expect(configuration.address == .host("example.org", port: 6380))
        #expect(configuration.database == 3)
        #expect(configuration.tls == nil)
        #expect(configuration.password == nil)
        #expect(try RedisConfiguration(url: "redis://example.org").address == .host("example.org", port: 6379))
    }

    @Test("gives an IPv6 host without its brackets")
    func ipv6() throws {
        #expect(try RedisConfiguration(url: "redis://[::1]:7000").address == .host("::1", port: 7000))
        #expect(RedisAddress.host("::1", port: 7000).description == "[::1]:7000")
    }

    @Test("decodes user and password")
    func credentials() throws {
        let named = try RedisConfiguration(url: "redis://a%40b:p%2Fw%3A1@host")
        #expect(named.username == "a@b")
        #expect(named.password == "p/w:1")
        let unnamed = try RedisConfiguration(url: "redis://:secret@host")
        #expect(unnamed.username == nil)
        #expect(unnamed.password == "secret")
        let empty = try RedisConfiguration(url: "redis://guest:@host")
        #expect(empty.username == "guest")
        #expect(empty.password == "")
        #expect(try RedisConfiguration(url: "redis://:@host").password == nil)
    }

    @Test("takes a password with slashes and at signs as it stands")
    func unencoded() throws {
        let configuration = try RedisConfiguration(url: "redis://u:a/b@c@host:1")
        #expect(configuration.password == "a/b@c")
        #expect(configuration.address == .host("host", port: 1))
    }

    @Test("becomes a configuration that does not show its password")
    func hidden() throws {
        let configuration = try RedisConfiguration(url: "redis://u:hunter2@host")
        var dumped = ""
        dump(configuration, to: &dumped)
        #expect(!"\(configuration) \(String(reflecting: configuration)) \(dumped)".contains("hunter2"))
    }

    @Test("asks for TLS with verification and reads its files")
    func tls() throws {
        let configuration = try RedisConfiguration(url: "rediss://host?ssl_ca_certs=/ca.pem&ssl_certfile=/c.pem&ssl_keyfile=/k.pem&db=2")
        #expect(configuration.tls?.verification == .full)
        #expect(configuration.tls?.certificateAuthorityFile == "/ca.pem")
        #expect(configuration.tls?.clientCertificateFile == "/c.pem")
        #expect(configuration.tls?.clientKeyFile == "/k.pem")
        #expect(configuration.database == 2)
    }

    @Test("says whose name the certificate carries, and how far it is checked")
    func verification() throws {
        let named = try RedisConfiguration(url: "rediss://10.0.0.7?ssl_server_name=redis.example.org&ssl_verify=full")
        #expect(named.tls?.serverName == "redis.example.org")
        #expect(named.tls?.verification == .full)
        #expect(try RedisConfiguration(url: "rediss://h?ssl_verify=chain").tls?.verification == .withoutHostName)
        let unchecked = try RedisConfiguration(url: "rediss://h?ssl_verify=none").tls
        #expect(unchecked?.verification == RedisConfiguration.TLS.Verification.none)
    }

    @Test("gives the path of a unix socket")
    func unix() throws {
        let configuration = try RedisConfiguration(url: "unix://:pw@/run/redis%20one.sock?db=4&client_name=me")
        #expect(configuration.address == .unixSocket(path: "/run/redis one.sock"))
        #expect(configuration.database == 4)
        #expect(configuration.password == "pw")
        #expect(configuration.clientName == "me")
    }

    @Test(
        "is refused with advice and without its password",
        arguments: [
            "localhost:6379", "http://u:hunter2@host", "redis://u:hunter2@host:port", "redis://u:hunter2@:1", "redis://u:hunter2@host/x",
            "redis://u:hunter2@host?nope=1", "redis://u:hunter2%zz@host", "redis://hunter2@host", "unix://u:hunter2@relative.sock",
            "redis://u:hunter2?@host", "redis://host?ssl_ca_certs=/ca.pem", "redis://[::1", "redis://host:0", "redis://u:%ff@host",
            "rediss://u:hunter2@host?ssl_verify=no", "redis://host?ssl_verify=none",
        ])
    func refused(_ url: String) {
        let error = #expect(throws: RedisError.self) { try RedisConfiguration(url: url) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.description.contains("hunter2") == false)
    }
}
