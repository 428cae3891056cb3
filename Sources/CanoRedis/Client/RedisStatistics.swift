/// What a client has done since it was made.
public struct RedisStatistics: Sendable, Hashable {
    /// The commands that callers have given it, each once however often it was sent.
    public let commands: Int
    /// The connections that it has made, handshake included: one, and one more for each that was lost.
    public let connections: Int

    /// Creates statistics.
    public init(commands: Int, connections: Int) {
        self.commands = commands
        self.connections = connections
    }
}
