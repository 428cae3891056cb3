/// An error the server answered: `-CODE explanation`.
public struct RedisServerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The first word, such as `WRONGTYPE`, `NOSCRIPT`, `OOM`, `LOADING`, `READONLY` or `ERR`.
    public let code: String

    /// The whole line, its code included, as the server wrote it.
    public let message: String

    /// Splits a line of the server into its code and the rest.
    ///
    /// - Parameter message: The line without its leading `-`.
    public init(message: String) {
        self.code = String(message.prefix { $0 != " " })
        self.message = message
    }

    /// Whether it says that this server is not, or no longer, the one to talk to, and that the address may lead to another by now: it takes
    /// no writes, has become a replica while a read was blocked, is loading another's data, or has given the keys away.
    var saysUnfit: Bool { ["READONLY", "UNBLOCKED", "LOADING", "MASTERDOWN", "MOVED"].contains(code) }

    /// Whether it takes no writes since too few replicas follow it: those of a primary that sentinels have replaced follow another by then.
    var saysForsaken: Bool { code == "NOREPLICAS" }

    /// Whether a node refuses what it will take, or send elsewhere, once its cluster has settled. Nothing was executed.
    var saysUnsettled: Bool { ["ASK", "TRYAGAIN", "CLUSTERDOWN"].contains(code) }

    /// Whether a script has met a key whose slot is on its way to another node of the cluster. It says so where the script begins with `TRYAGAIN`
    /// or `ASK`, and in these words where a key goes in its midst.
    var saysSlotIsMoving: Bool { message.hasPrefix("ERR Script attempted to access a non local key") }

    /// Whether it is the server's last word on a connection that it won't have: too many clients, or protected mode.
    var saysUnwelcome: Bool { code == "DENIED" || message.hasPrefix("ERR max number of clients") }

    /// Whether it is the server's last word on confirming what is written, rather than that of a server that is no primary now.
    var saysUnconfirmable: Bool {
        code == "NOPERM" || message.hasPrefix("ERR unknown command") || message.contains("appendonly is disabled")
    }

    /// The whole line.
    public var description: String { message }
}
