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

    /// Whether it says that the server takes no writes, or no longer: it is a replica, or has become one while a read was blocked.
    var saysDemoted: Bool { code == "READONLY" || code == "UNBLOCKED" }

    /// Whether it is the server's last word on a connection that it won't have: too many clients, or protected mode.
    var saysUnwelcome: Bool { code == "DENIED" || message.hasPrefix("ERR max number of clients") }

    /// The whole line.
    public var description: String { message }
}
