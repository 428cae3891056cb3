/// How safe what a client writes has to be before its reply is passed on.
///
/// A level other than ``local`` holds the replies of a ``RedisClient`` back until the server has confirmed it, so a caller who has a reply knows
/// that the write survives what the level says. Reads that block (``RedisBlockingClient``) hold nothing back: they may show what is not safe yet. A
/// write whose reply does not come may have been made, and may be lost, as with any command.
/// Redis knows no consensus: replicas say what they have received, and a failover can still choose one that lags behind.
public enum RedisDurability: Sendable, Hashable {
    /// The server has executed it. Whether it survives the server is the server's own business: its append-only file and its replicas.
    case local
    /// It is on the disk of the server, in its append-only file (`WAITAOF`, from Redis 7.2 and Valkey 7.2 on). With `appendfsync everysec` a reply
    /// takes up to a second.
    case fsync
    /// So many replicas have received it (`WAIT`), 1 at least. Choose fewer than there are, or one that is away holds up every reply.
    case replicas(Int)
}

extension RedisDurability: LosslessStringConvertible {
    /// Reads `local`, `fsync`, or `replicas:` and how many.
    public init?(_ description: String) {
        switch description {
        case "local": self = .local
        case "fsync": self = .fsync
        default:
            let prefix = "replicas:"
            guard description.hasPrefix(prefix), let count = Int(description.dropFirst(prefix.count)), count > 0,
                prefix + String(count) == description
            else { return nil }
            self = .replicas(count)
        }
    }

    /// `local`, `fsync`, or `replicas:` and how many.
    public var description: String {
        switch self {
        case .local: "local"
        case .fsync: "fsync"
        case .replicas(let count): "replicas:\(count)"
        }
    }
}
