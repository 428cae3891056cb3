import Testing

@testable import CanoRedis

extension Fuzzing {
    @Suite("Any Redis URL", .timeLimit(.minutes(FuzzPlan.current.minutes)))
    struct RedisURLFuzzTests {
        private static let mutator = ByteMutator(
            examples: [
                "redis://example.org:6380/3", "redis://[::1]:7000", "redis://a%40b:p%2Fw%3A1@host",
                "redis://:secret@host/0?db=2&client_name=me",
                "rediss://u:a/b@c@host:1?ssl_ca_certs=/ca.pem&ssl_certfile=/c.pem&ssl_keyfile=/k.pem",
                "unix://:pw@/run/redis%20one.sock?db=4",
                "redis://hé:1",
            ],
            tokens: [
                "redis://", "rediss://", "unix://", "://", ":", "/", "@", "?", "&", "=", "%", "%20", "%00", "%ff", "%C3%A9", "[", "]",
                "db=",
                "client_name=",
                "ssl_ca_certs=", "65535", "65536", "+1", " ", "\n", "\u{301}", "#",
            ])

        @Test("is refused with advice, or read and, written anew, read as the same")
        func reading() async throws {
            let fuzzer = Fuzzer(name: "redis-url", inputs: 20_000, literal: \.literal) { Self.mutator.input(&$0) }
            try await fuzzer.run { try Self.check($0) }
        }

        private static func check(_ bytes: [UInt8]) throws {
            let text = String(decoding: bytes, as: UTF8.self)
            let configuration: RedisConfiguration
            do {
                configuration = try RedisConfiguration(url: text)
            } catch {
                guard error.code == .invalidConfiguration else { throw Finding("is refused with \(error)") }
                return
            }
            let written = url(of: configuration)
            let again: RedisConfiguration
            do { again = try RedisConfiguration(url: written) } catch {
                throw Finding("is the same as \(written), which is refused: \(error)")
            }
            guard again.address == configuration.address, again.tls == configuration.tls, again.username == configuration.username,
                again.password == configuration.password, again.database == configuration.database,
                again.clientName == configuration.clientName
            else { throw Finding("is \(configuration), and \(written) is \(again)") }
            if configuration.username != nil, configuration.password == nil { throw Finding("has a user, and no password to log in with") }
        }

        private static func url(of configuration: RedisConfiguration) -> String {
            var user = configuration.username.map(encoded) ?? ""
            if let password = configuration.password { user += ":" + encoded(password) }
            if !user.isEmpty { user += "@" }
            var query = ["db=\(configuration.database)"]
            if let name = configuration.clientName { query.append("client_name=" + encoded(name)) }
            for (key, file) in [
                ("ssl_ca_certs", configuration.tls?.certificateAuthorityFile), ("ssl_certfile", configuration.tls?.clientCertificateFile),
                ("ssl_keyfile", configuration.tls?.clientKeyFile),
            ] {
                if let file { query.append("\(key)=" + encoded(file)) }
            }
            let place =
                switch configuration.address {
                case .host(let host, let port): (configuration.tls == nil ? "redis://" : "rediss://") + user + encoded(host) + ":\(port)"
                case .unixSocket(let path): "unix://" + user + "/" + encoded(String(path.dropFirst()))
                }
            return place + "?" + query.joined(separator: "&")
        }

        private static func encoded(_ text: String) -> String {
            text.utf8.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
    }
}
