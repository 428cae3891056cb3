import CanoRedis

/// What Redis answers to a heartbeat.
struct HeartbeatAnswer: Sendable, Hashable {
    /// Redis' time, in milliseconds since 1970.
    let time: Int64
    /// The runs that are another bridge's, or over.
    let lost: [String]
    /// The runs somebody wants cancelled.
    let cancelled: [String]

    init(_ value: RESPValue) throws(RedisError) {
        guard let parts = value.arrayValue, parts.count == 3, let time = parts[0].integerValue, let lost = parts[1].arrayValue,
            let cancelled = parts[2].arrayValue
        else { throw RedisError(.unexpectedReply, "The script renew answered \(value).") }
        self.time = time
        self.lost = lost.compactMap(\.string)
        self.cancelled = cancelled.compactMap(\.string)
    }
}
