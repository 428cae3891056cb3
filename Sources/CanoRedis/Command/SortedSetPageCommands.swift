/// `ZREVRANGEBYSCORE`: members whose scores lie in a range, highest first, with their scores. Of equal scores the last in the order of
/// their bytes comes first.
public struct ZREVRANGEBYSCORE: RedisCommand {
    /// The command as it goes over the wire.
    public let encoded: RESPCommand
    /// True: it changes nothing on the server.
    public var isIdempotent: Bool { true }

    /// Creates the command.
    ///
    /// - Parameters:
    ///   - key: The sorted set.
    ///   - highest: The highest score, included; `.infinity` for no bound.
    ///   - lowest: The lowest score, included; `-.infinity` for no bound.
    ///   - offset: How many matches to skip.
    ///   - count: How many to answer at most.
    public init(_ key: String, from highest: Double, through lowest: Double, offset: Int = 0, count: Int) {
        var command = RESPCommand("ZREVRANGEBYSCORE", key, "\(highest)", "\(lowest)", "WITHSCORES", "LIMIT")
        command.append(offset)
        command.append(count)
        encoded = command
    }

    /// Reads the reply: members whose scores lie in a range, highest first, with their scores.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> [(member: RESPBytes, score: Double)] {
        var members: [(member: RESPBytes, score: Double)] = []
        for (member, score) in try reply.expectPairs(of: "ZREVRANGEBYSCORE") {
            members.append((try member.expectBytes(of: "ZREVRANGEBYSCORE"), try score.expectDouble(of: "ZREVRANGEBYSCORE")))
        }
        return members
    }
}

/// `ZSCAN`: some members of a sorted set in no order, and where to go on.
///
/// Whatever is added, removed or given another score meanwhile: a member that is there from the first call to the last is answered at least
/// once. The places are the server's own, and mean nothing to another one, or to it once it was restarted.
public struct ZSCAN: RedisCommand {
    /// What a call answers.
    public struct Page: Sendable, Hashable {
        /// Some members; there may be none although more follow.
        public let members: [RESPBytes]
        /// Where to go on; nil when this was the last call.
        public let next: UInt64?
    }

    /// The command as it goes over the wire.
    public let encoded: RESPCommand
    /// True: it changes nothing on the server.
    public var isIdempotent: Bool { true }

    /// Creates the command.
    ///
    /// - Parameters:
    ///   - key: The sorted set.
    ///   - place: Where to go on; 0 begins.
    ///   - count: About how many members to answer. A small set is answered whole.
    public init(_ key: String, from place: UInt64 = 0, count: Int) {
        var command = RESPCommand("ZSCAN", key, String(place), "COUNT")
        command.append(count)
        encoded = command
    }

    /// Reads the reply: some members, and where to go on.
    public static func decode(_ reply: RESPValue) throws(RedisError) -> Page {
        guard let parts = reply.arrayValue, parts.count == 2, let place = parts[0].string.flatMap({ UInt64($0) }) else {
            throw RedisError(.unexpectedReply, "ZSCAN answered no page")
        }
        var members: [RESPBytes] = []
        for (member, _) in try parts[1].expectPairs(of: "ZSCAN") { members.append(try member.expectBytes(of: "ZSCAN")) }
        return Page(members: members, next: place == 0 ? nil : place)
    }
}
