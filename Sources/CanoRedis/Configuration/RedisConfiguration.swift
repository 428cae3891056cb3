/// How a client reaches its server and what it does when that takes long.
public struct RedisConfiguration: Sendable {
    /// Where the server listens: of a cluster any of its nodes and, with ``sentinel``, the first sentinel. Default: `127.0.0.1:6379`.
    public var address: RedisAddress

    /// More nodes of the same cluster, or more sentinels, for when the first is not there. Servers that are no cluster are refused, since of
    /// several primaries only Sentinel knows the right one. Default: none.
    public var furtherAddresses: [RedisAddress] = []

    /// How the sentinels at the addresses are asked for the primary; nil when the addresses are those of servers. Default: nil.
    public var sentinel: Sentinel?

    /// A key of those that are asked for on a connection: in a cluster it leads to the node that serves the slot of this key. Without one it leads to
    /// the node that the first `MOVED` names. Default: nil.
    public var clusterKey: String?

    /// TLS for the connection; nil speaks plain text. Default: nil.
    public var tls: TLS?

    /// The ACL user. Nil with a password means the server's `default` user. Default: nil.
    public var username: String?

    /// The password of the user, or of the server's `requirepass`. Never logged. Default: nil.
    public var password: String?

    /// The database selected after connecting. Default: 0.
    public var database: Int = 0

    /// The name `CLIENT LIST` shows for the connection; without spaces. Default: nil, no name.
    public var clientName: String?

    /// How safe a write has to be before its reply is passed on; blocking reads don't ask for it. Default: ``RedisDurability/local``.
    public var durability = RedisDurability.local

    /// A command, its name first, that writes something each time, and is sent before each question whether writes are safe: from Redis 7.2 on a server answers for what the
    /// connection itself has written alone. Needed where a command may write nothing since it was executed before, as scripts that are sent
    /// again do. Default: nil.
    public var durabilityMark: [String]?

    /// The time for connecting, the TLS and Redis handshakes included. Default: 5 s.
    public var connectTimeout: Duration = .seconds(5)

    /// The time from a call to its reply, waiting for a connection included. Default: 5 s.
    public var commandTimeout: Duration = .seconds(5)

    /// How much longer than its `BLOCK` a blocking read waits for the server's answer. Default: 2 s.
    public var blockingMargin: Duration = .seconds(2)

    /// The pauses between attempts to connect. Default: 50 ms doubling up to 2 s, half of it random.
    public var reconnectBackoff = ReconnectBackoff()

    /// The commands that may be waiting for a connection or a reply before new ones fail with `overloaded`. Default: 100,000.
    public var maximumQueuedCommands = 100_000

    /// The encoded bytes of those commands. Default: 256 MiB.
    public var maximumQueuedBytes = 256 << 20

    /// Creates a configuration with the documented defaults.
    ///
    /// - Parameter address: Where the server listens.
    public init(address: RedisAddress = .host("127.0.0.1", port: 6379)) {
        self.address = address
    }

    /// Reads a URL.
    ///
    /// `redis://[user[:password]@]host[:port][/database]`, the same with `rediss://` for TLS, and
    /// `unix://[user[:password]@]/path/to.sock[?db=database]`. User and password are percent-decoded; `:password@` has no user.
    ///
    /// Nodes of a cluster are separated by commas: `redis://a:7001,b:7002`. Sentinels too, whose scheme is `redis+sentinel`, or
    /// `rediss+sentinel` for TLS, and whose path is what they call the primary: `redis+sentinel://a,b:26380/name[?db=database]`. Their own
    /// user and password are the query keys `sentinel_username` and `sentinel_password`.
    ///
    /// Query keys: `db`, `client_name` and, with `rediss`, `ssl_ca_certs`, `ssl_certfile`, `ssl_keyfile` (paths of PEM files),
    /// `ssl_server_name` (the name the certificate must carry, when it is not the host) and `ssl_verify` (`full`, `chain` for
    /// ``TLS/Verification/withoutHostName`` or `none`).
    ///
    /// - Parameter url: The URL.
    /// - Throws: ``RedisError`` with `invalidConfiguration`; the message says what to write instead and never holds the password.
    public init(url: String) throws(RedisError) {
        self = try RedisURL.configuration(from: url)
    }
}

extension RedisConfiguration: CustomStringConvertible, CustomReflectable {
    /// The addresses and the user; never a password.
    public var description: String {
        let addresses = ([address] + furtherAddresses).map(\.description).joined(separator: ",")
        let primary = sentinel.map { "primary \($0.primary) of the sentinels " } ?? ""
        return "\(tls == nil ? "" : "TLS ")\(primary)\(addresses), database \(database)\(username.map { ", user \($0)" } ?? "")"
    }

    /// Shows what ``description`` shows, so that dumping a configuration gives no password away.
    public var customMirror: Mirror {
        Mirror(self, children: ["configuration": description])
    }
}
