/// Commands on consumer groups.
public enum XGROUP {
    /// `XGROUP CREATE`: makes a group; true when it is new, false when it was there already.
    public struct CREATE: RedisCommand {
        /// The command as it goes over the wire.
        public let encoded: RESPCommand
        /// True: a second time finds the group made.
        public var isIdempotent: Bool { true }

        /// Creates the command.
        ///
        /// - Parameters:
        ///   - key: The stream.
        ///   - group: The group's name.
        ///   - id: The group reads what comes after this id; nil for what is added from now on.
        ///   - makesStream: Whether a missing stream is made.
        public init(_ key: String, _ group: String, after id: StreamEntryID? = .zero, makesStream: Bool = true) {
            var command = RESPCommand("XGROUP", "CREATE", key, group, id?.description ?? "$")
            if makesStream { command.append("MKSTREAM") }
            encoded = command
        }

        /// Reads the reply: true when it is new, false when it was there already.
        public static func decode(_ reply: RESPValue) throws(RedisError) -> Bool {
            if case .error(let error) = reply, error.code == "BUSYGROUP" { return false }
            try reply.expectStatus(of: "XGROUP")
            return true
        }

        /// Takes `BUSYGROUP`: the group is there.
        public static func accepts(_ error: RedisServerError) -> Bool { error.code == "BUSYGROUP" }
    }

    /// `XGROUP DELCONSUMER`: removes a consumer **and what it had pending**, which no consumer is given again; how much that was.
    public struct DELCONSUMER: RedisCommand {
        /// The command as it goes over the wire.
        public let encoded: RESPCommand

        /// Creates the command.
        ///
        /// - Parameters:
        ///   - key: The stream.
        ///   - group: The group's name.
        ///   - consumer: The consumer's name.
        public init(_ key: String, _ group: String, _ consumer: String) {
            encoded = RESPCommand("XGROUP", "DELCONSUMER", key, group, consumer)
        }

        /// Reads the reply: how much that was.
        public static func decode(_ reply: RESPValue) throws(RedisError) -> Int {
            try reply.expectInteger(of: "XGROUP")
        }
    }
}

/// Commands that describe streams.
public enum XINFO {
    /// `XINFO STREAM`: what a stream is like; nil when there is no such stream.
    public struct STREAM: RedisCommand {
        /// The command as it goes over the wire.
        public let encoded: RESPCommand
        /// True: it changes nothing on the server.
        public var isIdempotent: Bool { true }

        /// Creates the command.
        ///
        /// - Parameter key: The stream.
        public init(_ key: String) {
            encoded = RESPCommand("XINFO", "STREAM", key)
        }

        /// Reads the reply: what the stream is like; nil when there is none.
        public static func decode(_ reply: RESPValue) throws(RedisError) -> StreamInformation? {
            if case .error = reply { return nil }
            return try StreamInformation(reply)
        }

        /// Takes `ERR no such key`: there is no stream.
        public static func accepts(_ error: RedisServerError) -> Bool { error.code == "ERR" && error.message.contains("no such key") }
    }

    /// `XINFO CONSUMERS`: who reads in a group.
    public struct CONSUMERS: RedisCommand {
        /// The command as it goes over the wire.
        public let encoded: RESPCommand
        /// True: it changes nothing on the server.
        public var isIdempotent: Bool { true }

        /// Creates the command.
        ///
        /// - Parameters:
        ///   - key: The stream.
        ///   - group: The group's name.
        public init(_ key: String, _ group: String) {
            encoded = RESPCommand("XINFO", "CONSUMERS", key, group)
        }

        /// Reads the reply: who reads in a group.
        public static func decode(_ reply: RESPValue) throws(RedisError) -> [StreamConsumer] {
            try reply.expectArray(of: "XINFO") { consumer throws(RedisError) in try StreamConsumer(consumer) }
        }
    }

    /// `XINFO GROUPS`: the groups that read a stream.
    public struct GROUPS: RedisCommand {
        /// The command as it goes over the wire.
        public let encoded: RESPCommand
        /// True: it changes nothing on the server.
        public var isIdempotent: Bool { true }

        /// Creates the command.
        ///
        /// - Parameter key: The stream.
        public init(_ key: String) {
            encoded = RESPCommand("XINFO", "GROUPS", key)
        }

        /// Reads the reply: the groups that read a stream.
        public static func decode(_ reply: RESPValue) throws(RedisError) -> [StreamGroup] {
            try reply.expectArray(of: "XINFO") { group throws(RedisError) in try StreamGroup(group) }
        }
    }
}

/// `XREADGROUP`: entries for one consumer of a group. What it answers is pending until it is acknowledged.
///
/// A reply that is lost on the way leaves its entries pending all the same: look at them after every reconnect.
public struct XREADGROUP: BlockingRedisCommand {
    /// The command as it goes over the wire.
    public let encoded: RESPCommand
    /// How long the server waits when there is nothing.
    public let blockingTime: Duration?

    /// Creates the command.
    ///
    /// - Parameters:
    ///   - group: The group's name.
    ///   - consumer: The consumer's name; made when new.
    ///   - streams: The streams and what to read in each: nil for entries that no consumer has had, an id for one's own pending entries after it.
    ///   - count: How many entries of each stream at most; nil for all.
    ///   - block: How long to wait when there is nothing; nil answers at once. At least a millisecond: 0 would wait for ever.
    ///   - acknowledges: Whether entries count as acknowledged when they are read: `NOACK`.
    public init(
        _ group: String, _ consumer: String, _ streams: [(key: String, after: StreamEntryID?)], count: Int? = nil,
        block: Duration? = nil, acknowledges: Bool = false
    ) {
        var command = RESPCommand("XREADGROUP", "GROUP", group, consumer)
        command.appendReadOptions(count: count, block: block)
        if acknowledges { command.append("NOACK") }
        command.append("STREAMS")
        for stream in streams { command.append(stream.key) }
        for stream in streams { command.append(stream.after?.description ?? ">") }
        encoded = command
        blockingTime = block
    }

    /// Reads the reply: the streams that had something; empty when none had.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> [StreamEntries] {
        try StreamEntries.list(from: reply, of: "XREADGROUP")
    }
}
