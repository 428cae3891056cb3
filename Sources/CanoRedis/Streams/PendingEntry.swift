/// An entry that was read by a consumer and not acknowledged.
public struct PendingEntry: Sendable, Hashable {
    /// The entry's place in its stream.
    public let id: StreamEntryID

    /// Whose it is.
    public let consumer: String

    /// The time since it was last delivered or claimed, to the millisecond.
    public let idle: Duration

    /// How often it was delivered.
    public let deliveries: Int

    init(_ reply: RESPValue) throws(RedisError) {
        let parts = try reply.expectArray(of: "XPENDING")
        guard parts.count >= 4 else { throw reply.unexpected("an entry of four parts", from: "XPENDING") }
        id = try parts[0].expectEntryID(of: "XPENDING")
        consumer = try parts[1].expectText(of: "XPENDING")
        idle = .milliseconds(try parts[2].expectInteger(of: "XPENDING"))
        deliveries = try parts[3].expectInteger(of: "XPENDING")
    }
}
