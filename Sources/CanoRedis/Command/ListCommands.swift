/// `LRANGE`: elements of a list by their places, in order; empty when there is no such list.
public struct LRANGE: RedisCommand {
    /// The command as it goes over the wire.
    public let encoded: RESPCommand
    /// True: it changes nothing on the server.
    public var isIdempotent: Bool { true }

    /// Creates the command.
    ///
    /// - Parameters:
    ///   - key: The list.
    ///   - first: The first place, from 0; negative counts from the end.
    ///   - last: The last place, included; negative counts from the end.
    public init(_ key: String, from first: Int, through last: Int) {
        encoded = RESPCommand("LRANGE", key, String(first), String(last))
    }

    /// Reads the reply: the elements, in order.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> [RESPBytes] {
        try reply.expectArray(of: "LRANGE") { element throws(RedisError) in try element.expectBytes(of: "LRANGE") }
    }
}
