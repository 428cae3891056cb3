/// One consumer of a group.
public struct StreamConsumer: Sendable, Hashable {
    /// The consumer's name.
    public let name: String

    /// How many entries it has read and not acknowledged.
    public let pending: Int

    /// The time since it last asked for entries, to the millisecond.
    public let idle: Duration

    /// Reads by field name: newer servers add fields.
    init(_ reply: RESPValue) throws(RedisError) {
        var name: String?
        var pending: Int?
        var idle: Int?
        for (field, value) in try reply.expectPairs(of: "XINFO") {
            switch field.string {
            case "name": name = try value.expectText(of: "XINFO")
            case "pending": pending = try value.expectInteger(of: "XINFO")
            case "idle": idle = try value.expectInteger(of: "XINFO")
            default: continue
            }
        }
        guard let name, let pending, let idle else { throw reply.unexpected("name, pending and idle", from: "XINFO") }
        self.name = name
        self.pending = pending
        self.idle = .milliseconds(idle)
    }
}
