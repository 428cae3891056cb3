/// How a test's server is started.
package struct RedisServerOptions: Sendable {
    /// A user of the server's access control list.
    package struct User: Sendable {
        package let name: String
        package let password: String
        /// What the user may do, as `ACL SETUSER` takes it.
        package let rules: String

        package init(name: String, password: String, rules: String = "~* &* +@all") {
            self.name = name
            self.password = password
            self.rules = rules
        }
    }

    /// TLS on a port of its own; it needs certificates, which the fixture makes.
    package enum TLS: Sendable {
        case none
        /// The server shows its certificate.
        case server
        /// The server wants the client's certificate too.
        case mutual
    }

    /// A free loopback port besides the unix socket.
    package var listensOnTCP = false
    package var appendOnly = false
    package var tls = TLS.none
    /// Whom the server's certificate is for, as openssl writes it.
    package var certificateNames = ["DNS:localhost"]
    /// The `default` user's password.
    package var password: String?
    package var users: [User] = []
    package var maximumMemoryBytes: Int?
    /// More of redis-server's own arguments, such as `["--maxclients", "10"]`.
    package var arguments: [String] = []

    package init() {}
}
