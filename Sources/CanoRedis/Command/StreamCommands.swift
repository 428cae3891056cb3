import CanoPrimitives

/// `XADD`: adds an entry; its id, or nil when the stream is missing and was not to be made.
///
/// Never sent twice by the client: a lost reply leaves open whether the entry is there.
public struct XADD: RedisCommand {
    /// The command as it goes over the wire.
    public let encoded: RESPCommand

    /// Creates the command.
    ///
    /// - Parameters:
    ///   - key: The stream.
    ///   - id: The entry's id; nil lets the server choose the next.
    ///   - fields: Names and bytes in order; one or more, duplicates are kept.
    ///   - maximumLength: Trims the stream to about this many entries; nil leaves it alone.
    ///   - makesStream: Whether a missing stream is made.
    public init(
        _ key: String, id: StreamEntryID? = nil, _ fields: [(name: String, value: RESPBytes)], maximumLength: Int? = nil,
        makesStream: Bool = true
    ) {
        var command = RESPCommand(
            "XADD", capacityHint: fields.reduce(key.utf8.count + 64) { $0 + $1.name.utf8.count + $1.value.count + 18 })
        command.append(key)
        if !makesStream { command.append("NOMKSTREAM") }
        if let maximumLength {
            command.append("MAXLEN")
            command.append("~")
            command.append(maximumLength)
        }
        command.append(id?.description ?? "*")
        for (name, value) in fields {
            command.append(name)
            command.append(bytes: value)
        }
        encoded = command
    }

    /// Creates the command for fields of text.
    ///
    /// - Parameters:
    ///   - key: The stream.
    ///   - fields: Names and values in order, written as UTF-8.
    public init(_ key: String, texts fields: [(String, String)]) {
        self.init(key, fields.map { ($0, Array($1.utf8)) })
    }

    /// Reads the reply: its id, or nil when the stream is missing and was not to be made.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> StreamEntryID? {
        reply.isNull ? nil : try reply.expectEntryID(of: "XADD")
    }
}

/// `XLEN`: how many entries a stream has; 0 when there is no such stream.
public struct XLEN: RedisCommand {
    /// The command as it goes over the wire.
    public let encoded: RESPCommand
    /// True: it changes nothing on the server.
    public var isIdempotent: Bool { true }

    /// Creates the command.
    ///
    /// - Parameter key: The stream.
    public init(_ key: String) {
        encoded = RESPCommand("XLEN", key)
    }

    /// Reads the reply: the number of entries; 0 when there is no such stream.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> Int {
        try reply.expectInteger(of: "XLEN")
    }
}

/// `XRANGE`: entries from oldest to newest.
public struct XRANGE: RedisCommand {
    /// The command as it goes over the wire.
    public let encoded: RESPCommand
    /// True: it changes nothing on the server.
    public var isIdempotent: Bool { true }

    /// Creates the command.
    ///
    /// - Parameters:
    ///   - key: The stream.
    ///   - first: The first id, included; nil for the stream's beginning.
    ///   - last: The last id, included; nil for its end.
    ///   - count: How many at most; nil for all.
    public init(_ key: String, from first: StreamEntryID? = nil, through last: StreamEntryID? = nil, count: Int? = nil) {
        var command = RESPCommand("XRANGE", key, first?.description ?? "-", last?.description ?? "+")
        if let count {
            command.append("COUNT")
            command.append(count)
        }
        encoded = command
    }

    /// Reads the reply: entries from oldest to newest.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> [StreamEntry] {
        try reply.expectEntries(of: "XRANGE")
    }
}

/// `XREVRANGE`: entries from newest to oldest.
public struct XREVRANGE: RedisCommand {
    /// The command as it goes over the wire.
    public let encoded: RESPCommand
    /// True: it changes nothing on the server.
    public var isIdempotent: Bool { true }

    /// Creates the command.
    ///
    /// - Parameters:
    ///   - key: The stream.
    ///   - last: The newest id, included; nil for the stream's end.
    ///   - first: The oldest id, included; nil for its beginning.
    ///   - count: How many at most; nil for all.
    public init(_ key: String, from last: StreamEntryID? = nil, through first: StreamEntryID? = nil, count: Int? = nil) {
        var command = RESPCommand("XREVRANGE", key, last?.description ?? "+", first?.description ?? "-")
        if let count {
            command.append("COUNT")
            command.append(count)
        }
        encoded = command
    }

    /// Reads the reply: entries from newest to oldest.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> [StreamEntry] {
        try reply.expectEntries(of: "XREVRANGE")
    }
}

/// `XTRIM`: drops the oldest entries; how many went.
public struct XTRIM: RedisCommand {
    /// What is kept.
    public enum Bound: Sendable, Hashable {
        /// The newest entries, this many.
        case maximumLength(Int)
        /// The entries from this id on.
        case minimumID(StreamEntryID)
    }

    /// The command as it goes over the wire.
    public let encoded: RESPCommand
    /// True: trimming again drops nothing that was to be kept.
    public var isIdempotent: Bool { true }

    /// Creates the command.
    ///
    /// - Parameters:
    ///   - key: The stream.
    ///   - bound: What is kept.
    ///   - isExact: False lets the server keep some more, which is much cheaper.
    ///   - limit: How many entries are dropped at most; only when not exact.
    public init(_ key: String, to bound: Bound, isExact: Bool = false, limit: Int? = nil) {
        var command = RESPCommand("XTRIM", key)
        let operation = isExact ? "=" : "~"
        switch bound {
        case .maximumLength(let count):
            command.append("MAXLEN")
            command.append(operation)
            command.append(count)
        case .minimumID(let id):
            command.append("MINID")
            command.append(operation)
            command.append(id.description)
        }
        if let limit, !isExact {
            command.append("LIMIT")
            command.append(limit)
        }
        encoded = command
    }

    /// Reads the reply: how many went.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> Int {
        try reply.expectInteger(of: "XTRIM")
    }
}

/// `XDEL`: removes entries; how many there were.
public struct XDEL: RedisCommand {
    /// The command as it goes over the wire.
    public let encoded: RESPCommand

    /// Creates the command.
    ///
    /// - Parameters:
    ///   - key: The stream.
    ///   - ids: The entries; one or more.
    public init(_ key: String, _ ids: [StreamEntryID]) {
        encoded = RESPCommand("XDEL", texts: [key] + ids.map(\.description))
    }

    /// Reads the reply: how many there were.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> Int {
        try reply.expectInteger(of: "XDEL")
    }
}

/// `XREAD`: entries after an id from one or several streams; nothing is remembered by the server.
public struct XREAD: BlockingRedisCommand {
    /// The command as it goes over the wire.
    public let encoded: RESPCommand
    /// How long the server waits when there is nothing.
    public let blockingTime: Duration?

    /// Creates the command.
    ///
    /// - Parameters:
    ///   - streams: The streams and the id to read after in each; nil reads what is added from now on.
    ///   - count: How many entries of each stream at most; nil for all.
    ///   - block: How long to wait when there is nothing; nil answers at once. At least a millisecond: 0 would wait for ever.
    public init(_ streams: [(key: String, after: StreamEntryID?)], count: Int? = nil, block: Duration? = nil) {
        var command = RESPCommand("XREAD")
        command.appendReadOptions(count: count, block: block)
        command.append("STREAMS")
        for stream in streams { command.append(stream.key) }
        for stream in streams { command.append(stream.after?.description ?? "$") }
        encoded = command
        blockingTime = block
    }

    /// Reads the reply: the streams that had something; empty when none had.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> [StreamEntries] {
        try StreamEntries.list(from: reply, of: "XREAD")
    }
}

extension RESPCommand {
    mutating func appendReadOptions(count: Int?, block: Duration?) {
        if let count {
            append("COUNT")
            append(count)
        }
        if let block {
            append("BLOCK")
            append(Swift.max(block.wholeMilliseconds, 1))
        }
    }
}
