/// What one `XAUTOCLAIM` took over.
public struct ClaimedEntries: Sendable {
    /// Where to go on; ``StreamEntryID/zero`` at the end of the pending list.
    public let cursor: StreamEntryID

    /// The entries that are the caller's now.
    public let entries: [StreamEntry]

    /// Ids that were pending though their entries are gone; the server has dropped them. Empty before Redis 7.0.
    public let deletedIDs: [StreamEntryID]

    init(_ reply: RESPValue) throws(RedisError) {
        let parts = try reply.expectArray(of: "XAUTOCLAIM")
        guard parts.count >= 2 else { throw reply.unexpected("a cursor and entries", from: "XAUTOCLAIM") }
        cursor = try parts[0].expectEntryID(of: "XAUTOCLAIM")
        entries = try parts[1].expectEntries(of: "XAUTOCLAIM")
        deletedIDs =
            parts.count > 2
            ? try parts[2].expectArray(of: "XAUTOCLAIM") { id throws(RedisError) in try id.expectEntryID(of: "XAUTOCLAIM") } : []
    }
}
