/// Where a Redis server listens.
public enum RedisAddress: Sendable, Hashable, CustomStringConvertible {
    /// A TCP address; the host is a name, an IPv4 or an IPv6 address without brackets.
    case host(String, port: Int)
    /// A unix domain socket, by its path.
    case unixSocket(path: String)

    /// The address as people write it; holds no secret.
    public var description: String {
        switch self {
        case .host(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unixSocket(let path): "unix:\(path)"
        }
    }
}
