/// A group that reads a stream.
public struct StreamGroup: Sendable, Hashable {
    /// The group's name.
    public let name: String

    /// How many entries its consumers have read and not acknowledged.
    public let pending: Int

    /// Reads by field name: newer servers add fields.
    init(_ reply: RESPValue) throws(RedisError) {
        var name: String?
        var pending: Int?
        for (field, value) in try reply.expectPairs(of: "XINFO") {
            switch field.string {
            case "name": name = try value.expectText(of: "XINFO")
            case "pending": pending = try value.expectInteger(of: "XINFO")
            default: continue
            }
        }
        guard let name, let pending else { throw reply.unexpected("name and pending", from: "XINFO") }
        self.name = name
        self.pending = pending
    }
}
