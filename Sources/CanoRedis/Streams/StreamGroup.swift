/// A group that reads a stream.
public struct StreamGroup: Sendable, Hashable {
    /// The group's name.
    public let name: String

    /// How many entries its consumers have read and not acknowledged.
    public let pending: Int

    /// Up to which entry its consumers were given them.
    public let lastDelivered: StreamEntryID

    /// How many entries its consumers were not given yet, those included that the stream has lost; nil where the server does not know.
    public let lag: Int?

    /// Reads by field name: newer servers add fields.
    init(_ reply: RESPValue) throws(RedisError) {
        var name: String?
        var pending: Int?
        var lastDelivered: StreamEntryID?
        var lag: Int?
        for (field, value) in try reply.expectPairs(of: "XINFO") {
            switch field.string {
            case "name": name = try value.expectText(of: "XINFO")
            case "pending": pending = try value.expectInteger(of: "XINFO")
            case "last-delivered-id": lastDelivered = try value.expectEntryID(of: "XINFO")
            case "lag": if value != .null { lag = try value.expectInteger(of: "XINFO") }
            default: continue
            }
        }
        guard let name, let pending, let lastDelivered else {
            throw reply.unexpected("name, pending and last-delivered-id", from: "XINFO")
        }
        self.name = name
        self.pending = pending
        self.lastDelivered = lastDelivered
        self.lag = lag
    }
}
