import CanoPrimitives

/// `XACK`: takes entries off a group's pending list; how many were on it. It does not ask who they belong to.
public struct XACK: RedisCommand {
    /// The command as it goes over the wire.
    public let encoded: RESPCommand

    /// Creates the command.
    ///
    /// - Parameters:
    ///   - key: The stream.
    ///   - group: The group's name.
    ///   - ids: The entries; one or more.
    public init(_ key: String, _ group: String, _ ids: [StreamEntryID]) {
        encoded = RESPCommand("XACK", texts: [key, group] + ids.map(\.description))
    }

    /// Reads the reply: how many were on it.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> Int {
        try reply.expectInteger(of: "XACK")
    }
}

/// `XPENDING`, the extended form: entries that were read and not acknowledged, oldest first.
public struct XPENDING: RedisCommand {
    /// The command as it goes over the wire.
    public let encoded: RESPCommand
    /// True: it changes nothing on the server.
    public var isIdempotent: Bool { true }

    /// Creates the command.
    ///
    /// - Parameters:
    ///   - key: The stream.
    ///   - group: The group's name.
    ///   - idle: Only entries that no consumer has touched for this long; nil for all.
    ///   - first: The first id, included; nil for the list's beginning.
    ///   - last: The last id, included; nil for its end.
    ///   - count: How many at most.
    ///   - consumer: Only this consumer's; nil for everyone's.
    public init(
        _ key: String, _ group: String, idle: Duration? = nil, from first: StreamEntryID? = nil, through last: StreamEntryID? = nil,
        count: Int, consumer: String? = nil
    ) {
        var command = RESPCommand("XPENDING", key, group)
        if let idle {
            command.append("IDLE")
            command.append(idle.wholeMilliseconds)
        }
        command.append(first?.description ?? "-")
        command.append(last?.description ?? "+")
        command.append(count)
        if let consumer { command.append(consumer) }
        encoded = command
    }

    /// Reads the reply: entries that were read and not acknowledged, oldest first.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> [PendingEntry] {
        try reply.expectArray(of: "XPENDING") { entry throws(RedisError) in try PendingEntry(entry) }
    }
}

/// `XCLAIM … JUSTID`: makes entries one consumer's, without raising their delivery count; the ids that it got.
///
/// Entries that are gone from the stream, not pending, or not idle for long enough are left out.
public struct XCLAIM: RedisCommand {
    /// The command as it goes over the wire.
    public let encoded: RESPCommand

    /// Creates the command.
    ///
    /// - Parameters:
    ///   - key: The stream.
    ///   - group: The group's name.
    ///   - consumer: Who gets them; made when new.
    ///   - minimumIdle: Only entries that no consumer has touched for this long.
    ///   - ids: The entries; one or more.
    public init(_ key: String, _ group: String, _ consumer: String, minimumIdle: Duration, _ ids: [StreamEntryID]) {
        var command = RESPCommand("XCLAIM", key, group, consumer)
        command.append(minimumIdle.wholeMilliseconds)
        for id in ids { command.append(id.description) }
        command.append("JUSTID")
        encoded = command
    }

    /// Reads the reply: the ids that it got.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> [StreamEntryID] {
        try reply.expectArray(of: "XCLAIM") { id throws(RedisError) in try id.expectEntryID(of: "XCLAIM") }
    }
}

/// `XAUTOCLAIM`: makes idle pending entries one consumer's and raises their delivery counts.
///
/// The server looks at ten times `count` entries a call: keep the cursor and go on until it is ``StreamEntryID/zero``.
public struct XAUTOCLAIM: RedisCommand {
    /// The command as it goes over the wire.
    public let encoded: RESPCommand

    /// Creates the command.
    ///
    /// - Parameters:
    ///   - key: The stream.
    ///   - group: The group's name.
    ///   - consumer: Who gets them; made when new.
    ///   - minimumIdle: Only entries that no consumer has touched for this long.
    ///   - cursor: Where to go on; ``StreamEntryID/zero`` to begin.
    ///   - count: How many at most; nil for the server's 100.
    public init(
        _ key: String, _ group: String, _ consumer: String, minimumIdle: Duration, from cursor: StreamEntryID = .zero, count: Int? = nil
    ) {
        var command = RESPCommand("XAUTOCLAIM", key, group, consumer)
        command.append(minimumIdle.wholeMilliseconds)
        command.append(cursor.description)
        if let count {
            command.append("COUNT")
            command.append(count)
        }
        encoded = command
    }

    /// Reads the reply: the entries taken over and where to go on.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> ClaimedEntries {
        try ClaimedEntries(reply)
    }
}
