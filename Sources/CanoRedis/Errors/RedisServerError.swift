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

    /// The whole line.
    public var description: String { message }
}
