import CanoRedis

/// What Redis answers to a heartbeat.
struct HeartbeatAnswer: Sendable {
    /// Redis' time, in milliseconds since 1970.
    let time: Int64
    /// The runs that are another bridge's, or over.
    let lost: [String]
    /// The runs somebody wants cancelled, and why.
    let cancelled: [(run: String, reason: String)]

    init(_ value: RESPValue) throws(RedisError) {
        guard let parts = value.arrayValue, parts.count == 3, let time = parts[0].integerValue, let lost = parts[1].arrayValue,
            let cancelled = parts[2].arrayValue
        else { throw RedisError(.unexpectedReply, "The script renew answered \(value).") }
        self.time = time
        self.lost = lost.compactMap(\.string)
        self.cancelled = cancelled.compactMap { pair in
            guard let parts = pair.arrayValue, parts.count == 2, let run = parts[0].string, let reason = parts[1].string else { return nil }
            return (run, reason)
        }
    }
}
