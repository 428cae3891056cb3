/// The entries that one stream gave to a read over several.
public struct StreamEntries: Sendable {
    /// The stream's key.
    public let key: RESPBytes

    /// Its entries, oldest first.
    public let entries: [StreamEntry]

    /// Reads `[[key, [entry, …]], …]`; null, the answer to a read that found nothing, is an empty list.
    static func list(from reply: RESPValue, of command: StaticString) throws(RedisError) -> [StreamEntries] {
        guard !reply.isNull else { return [] }
        return try reply.expectArray(of: command) { stream throws(RedisError) in
            let parts = try stream.expectArray(of: command)
            guard parts.count == 2 else { throw stream.unexpected("a stream of two parts", from: command) }
            return StreamEntries(key: try parts[0].expectBytes(of: command), entries: try parts[1].expectEntries(of: command))
        }
    }
}
