import Testing

@testable import CanoRedis

@Suite("A Redis URL", .timeLimit(.minutes(5)))
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

    @Test("names several nodes of a cluster")
    func severalNodes() throws {
        let configuration = try RedisConfiguration(url: "rediss://u:p,w@a:7001,[::1]:7002,c?ssl_verify=chain")
        #expect(configuration.address == .host("a", port: 7_001))
        #expect(configuration.furtherAddresses == [.host("::1", port: 7_002), .host("c", port: 6_379)])
        #expect(configuration.password == "p,w")
        #expect(configuration.tls?.verification == .withoutHostName)
        #expect("\(configuration)".contains("a:7001,[::1]:7002,c:6379"))
    }

    @Test("names sentinels, what they call the primary, and whom they let in")
    func sentinels() throws {
        let plain = try RedisConfiguration(url: "redis+sentinel://h1:26380,h2/orders")
        #expect(plain.address == .host("h1", port: 26_380))
        #expect(plain.furtherAddresses == [.host("h2", port: 26_379)])
        #expect(plain.sentinel == RedisConfiguration.Sentinel(primary: "orders"))
        #expect(plain.tls == nil)
        let full = try RedisConfiguration(
            url: "rediss+sentinel://u:p@h/a%2Fb?db=3&sentinel_username=su&sentinel_password=hunter2&ssl_ca_certs=/ca.pem")
        #expect(full.sentinel?.primary == "a/b")
        #expect(full.sentinel?.username == "su")
        #expect(full.sentinel?.password == "hunter2")
        #expect(full.username == "u")
        #expect(full.database == 3)
        #expect(full.tls?.certificateAuthorityFile == "/ca.pem")
        var dumped = ""
        dump(full, to: &dumped)
        #expect(!"\(full) \(dumped)".contains("hunter2"))
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
            "redis://u:hunter2@a,,b", "redis://u:hunter2@a,b:port", "redis+sentinel://u:hunter2@h", "redis+sentinel://u:hunter2@h/",
            "redis+sentinel://u:hunter2@h/name/0", "redis+sentinel://h/n?sentinel_username=hunter2", "redis://h?sentinel_password=hunter2",
        ])
    func refused(_ url: String) {
        let error = #expect(throws: RedisError.self) { try RedisConfiguration(url: url) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.description.contains("hunter2") == false)
    }
}
