/// What a stream is like.
public struct StreamInformation: Sendable, Hashable {
    /// How many entries it has.
    public let length: Int

    /// How many were ever added, those included that are gone.
    public let entriesAdded: Int

    /// The id of the entry that was added last, also where that is gone; ``StreamEntryID/zero`` when none was.
    public let lastGeneratedID: StreamEntryID

    /// The id of its oldest entry; nil when it has none.
    public let firstID: StreamEntryID?

    /// Reads by field name: newer servers add fields.
    init(_ reply: RESPValue) throws(RedisError) {
        var length: Int?
        var entriesAdded: Int?
        var lastGeneratedID: StreamEntryID?
        var firstID: StreamEntryID?
        for (field, value) in try reply.expectPairs(of: "XINFO") {
            switch field.string {
            case "length": length = try value.expectInteger(of: "XINFO")
            case "entries-added": entriesAdded = try value.expectInteger(of: "XINFO")
            case "last-generated-id": lastGeneratedID = try value.expectEntryID(of: "XINFO")
            case "first-entry": if value != .null { firstID = try StreamEntry(value, of: "XINFO").id }
            default: continue
            }
        }
        guard let length, let entriesAdded, let lastGeneratedID else {
            throw reply.unexpected("length, entries-added and last-generated-id", from: "XINFO")
        }
        self.length = length
        self.entriesAdded = entriesAdded
        self.lastGeneratedID = lastGeneratedID
        self.firstID = firstID
    }

    /// Describes a stream.
    package init(length: Int, entriesAdded: Int, lastGeneratedID: StreamEntryID, firstID: StreamEntryID?) {
        self.length = length
        self.entriesAdded = entriesAdded
        self.lastGeneratedID = lastGeneratedID
        self.firstID = firstID
    }
}
