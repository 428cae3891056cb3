/// One entry of a stream, exactly as it was added.
public struct StreamEntry: Sendable {
    /// The entry's place in its stream.
    public let id: StreamEntryID

    /// The fields in the order they were added: duplicates stay, and both names and values are untouched bytes.
    public let fields: [(name: RESPBytes, value: RESPBytes)]

    /// Creates an entry.
    ///
    /// - Parameters:
    ///   - id: Its place in the stream.
    ///   - fields: Its fields in order.
    public init(id: StreamEntryID, fields: [(name: RESPBytes, value: RESPBytes)]) {
        self.id = id
        self.fields = fields
    }

    /// The value of the first field of that name.
    ///
    /// - Parameter name: The field's name.
    public subscript(name: String) -> RESPBytes? {
        fields.first { $0.name.elementsEqual(name.utf8) }?.value
    }
}

extension StreamEntry {
    /// Reads `[id, [name, value, …]]`.
    init(_ reply: RESPValue, of command: StaticString) throws(RedisError) {
        let parts = try reply.expectArray(of: command)
        guard parts.count == 2 else { throw reply.unexpected("an entry of two parts", from: command) }
        let id = try parts[0].expectEntryID(of: command)
        // An entry that was deleted while pending comes back with null for its fields.
        guard !parts[1].isNull else {
            self.init(id: id, fields: [])
            return
        }
        var fields: [(name: RESPBytes, value: RESPBytes)] = []
        for (name, value) in try parts[1].expectPairs(of: command) {
            fields.append((try name.expectBytes(of: command), try value.expectBytes(of: command)))
        }
        self.init(id: id, fields: fields)
    }
}

extension RESPValue {
    func expectEntryID(of command: StaticString) throws(RedisError) -> StreamEntryID {
        guard let id = StreamEntryID(bytes: try expectBytes(of: command)) else { throw unexpected("an entry id", from: command) }
        return id
    }

    func expectEntries(of command: StaticString) throws(RedisError) -> [StreamEntry] {
        var entries: [StreamEntry] = []
        // Servers before 7.0 answer null for an entry that was deleted while pending.
        for entry in try expectArray(of: command) where !entry.isNull { entries.append(try StreamEntry(entry, of: command)) }
        return entries
    }
}
