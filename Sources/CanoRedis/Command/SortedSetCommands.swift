/// `ZADD`: adds members or moves them to a score; how many are new.
public struct ZADD: RedisCommand {
    /// The command as it goes over the wire.
    public let encoded: RESPCommand

    /// Creates the command.
    ///
    /// - Parameters:
    ///   - key: The sorted set.
    ///   - members: Scores and members; one or more.
    public init(_ key: String, _ members: [(score: Double, member: String)]) {
        var command = RESPCommand("ZADD", key)
        for (score, member) in members {
            command.append("\(score)")
            command.append(member)
        }
        encoded = command
    }

    /// Reads the reply: how many are new.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> Int {
        try reply.expectInteger(of: "ZADD")
    }
}

/// `ZREM`: removes members; how many there were.
public struct ZREM: RedisCommand {
    /// The command as it goes over the wire.
    public let encoded: RESPCommand

    /// Creates the command.
    ///
    /// - Parameters:
    ///   - key: The sorted set.
    ///   - members: The members; one or more.
    public init(_ key: String, _ members: [String]) {
        encoded = RESPCommand("ZREM", texts: [key] + members)
    }

    /// Reads the reply: how many there were.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> Int {
        try reply.expectInteger(of: "ZREM")
    }
}

/// `ZRANGE`: members by rank, lowest score first.
public struct ZRANGE: RedisCommand {
    /// The command as it goes over the wire.
    public let encoded: RESPCommand
    /// True: it changes nothing on the server.
    public var isIdempotent: Bool { true }

    /// Creates the command.
    ///
    /// - Parameters:
    ///   - key: The sorted set.
    ///   - first: The first rank, from 0; negative counts from the end.
    ///   - last: The last rank, included; negative counts from the end.
    public init(_ key: String, from first: Int, through last: Int) {
        encoded = RESPCommand("ZRANGE", key, String(first), String(last))
    }

    /// Reads the reply: members by rank, lowest score first.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> [RESPBytes] {
        try reply.expectArray(of: "ZRANGE") { member throws(RedisError) in try member.expectBytes(of: "ZRANGE") }
    }
}

/// `ZRANGEBYSCORE`: members whose scores lie in a range, lowest first, with their scores.
public struct ZRANGEBYSCORE: RedisCommand {
    /// The command as it goes over the wire.
    public let encoded: RESPCommand
    /// True: it changes nothing on the server.
    public var isIdempotent: Bool { true }

    /// Creates the command.
    ///
    /// - Parameters:
    ///   - key: The sorted set.
    ///   - lowest: The lowest score, included; `-.infinity` for no bound.
    ///   - highest: The highest score, included; `.infinity` for no bound.
    ///   - offset: How many matches to skip.
    ///   - count: How many to answer at most; nil for all.
    public init(_ key: String, from lowest: Double, through highest: Double, offset: Int = 0, count: Int? = nil) {
        var command = RESPCommand("ZRANGEBYSCORE", key, "\(lowest)", "\(highest)", "WITHSCORES")
        if offset > 0 || count != nil {
            command.append("LIMIT")
            command.append(offset)
            command.append(count ?? -1)
        }
        encoded = command
    }

    /// Reads the reply: members whose scores lie in a range, lowest first, with their scores.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> [(member: RESPBytes, score: Double)] {
        var members: [(member: RESPBytes, score: Double)] = []
        for (member, score) in try reply.expectPairs(of: "ZRANGEBYSCORE") {
            members.append((try member.expectBytes(of: "ZRANGEBYSCORE"), try score.expectDouble(of: "ZRANGEBYSCORE")))
        }
        return members
    }
}

/// `ZREMRANGEBYSCORE`: removes members whose scores lie in a range; how many there were.
public struct ZREMRANGEBYSCORE: RedisCommand {
    /// The command as it goes over the wire.
    public let encoded: RESPCommand
    /// True: a second time finds none, or those that were added since, which the range was to remove as well.
    public var isIdempotent: Bool { true }

    /// Creates the command.
    ///
    /// - Parameters:
    ///   - key: The sorted set.
    ///   - lowest: The lowest score, included; `-.infinity` for no bound.
    ///   - highest: The highest score, included; `.infinity` for no bound.
    public init(_ key: String, from lowest: Double, through highest: Double) {
        encoded = RESPCommand("ZREMRANGEBYSCORE", key, "\(lowest)", "\(highest)")
    }

    /// Reads the reply: how many there were.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> Int {
        try reply.expectInteger(of: "ZREMRANGEBYSCORE")
    }
}

/// `ZSCORE`: the score of a member, or nil when it is not in the set.
public struct ZSCORE: RedisCommand {
    /// The command as it goes over the wire.
    public let encoded: RESPCommand
    /// True: it changes nothing on the server.
    public var isIdempotent: Bool { true }

    /// Creates the command.
    ///
    /// - Parameters:
    ///   - key: The sorted set.
    ///   - member: The member.
    public init(_ key: String, _ member: String) {
        encoded = RESPCommand("ZSCORE", key, member)
    }

    /// Reads the reply: the score of a member, or nil when it is not in the set.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> Double? {
        reply.isNull ? nil : try reply.expectDouble(of: "ZSCORE")
    }
}

/// `ZCARD`: how many members a sorted set has; 0 when there is no such set.
public struct ZCARD: RedisCommand {
    /// The command as it goes over the wire.
    public let encoded: RESPCommand
    /// True: it changes nothing on the server.
    public var isIdempotent: Bool { true }

    /// Creates the command.
    ///
    /// - Parameter key: The sorted set.
    public init(_ key: String) {
        encoded = RESPCommand("ZCARD", key)
    }

    /// Reads the reply: the number of members; 0 when there is no such set.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> Int {
        try reply.expectInteger(of: "ZCARD")
    }
}

/// `ZCOUNT`: how many members have scores in a range.
public struct ZCOUNT: RedisCommand {
    /// The command as it goes over the wire.
    public let encoded: RESPCommand
    /// True: it changes nothing on the server.
    public var isIdempotent: Bool { true }

    /// Creates the command.
    ///
    /// - Parameters:
    ///   - key: The sorted set.
    ///   - lowest: The lowest score, included; `-.infinity` for no bound.
    ///   - highest: The highest score, included; `.infinity` for no bound.
    public init(_ key: String, from lowest: Double, through highest: Double) {
        encoded = RESPCommand("ZCOUNT", key, "\(lowest)", "\(highest)")
    }

    /// Reads the reply: how many members have scores in a range.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> Int {
        try reply.expectInteger(of: "ZCOUNT")
    }
}
