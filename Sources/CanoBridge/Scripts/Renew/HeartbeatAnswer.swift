import CanoRedis

/// What Redis answers to a heartbeat.
struct HeartbeatAnswer: Sendable {
    /// Redis' time, in milliseconds since 1970.
    let time: Int64
    /// The runs that are another bridge's, or over.
    let lost: [String]
    /// The runs that commands want cancelled, and why.
    let cancelled: [(run: String, reason: String)]
    /// The keys that hold something else than they should.
    let blocked: [String]

    /// Reads an answer; nil when it is none.
    init?(_ reply: RESPValue) {
        guard let parts = reply.arrayValue, parts.count == 4, let time = parts[0].integerValue, let lost = parts[1].arrayValue,
            let cancelled = parts[2].arrayValue, let blocked = parts[3].arrayValue
        else { return nil }
        self.time = time
        self.lost = lost.compactMap(\.string)
        self.blocked = blocked.compactMap(\.string)
        self.cancelled = cancelled.compactMap { pair in
            guard let parts = pair.arrayValue, parts.count == 2, let run = parts[0].string, let reason = parts[1].string else { return nil }
            return (run, reason)
        }
    }
}
