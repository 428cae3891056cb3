import CanoBus
import CanoPrimitives
import CanoRedis

/// What keeps the bus in bounds, done by every bridge at its heartbeats.
struct Housekeeping: Sendable {
    let bus: Bus
    /// How long a consumer has had nothing to do before it is forgotten.
    var timeout: Duration = .seconds(3_600)

    /// Trims the streams that no reader consumes and removes what bridges that are gone have left.
    ///
    /// Each part is done whether or not the server refuses another, as it does where a key holds something else.
    ///
    /// - Throws: ``RedisError``: the first refusal, once all is done; at once when the server can't be reached.
    func run() async throws(RedisError) {
        var refusal: RedisError?
        for part in Part.allCases {
            do {
                try await tidy(part)
            } catch {
                guard error.serverError != nil else { throw error }
                refusal = refusal ?? error
            }
        }
        if let refusal { throw refusal }
    }

    private enum Part: CaseIterable {
        case events, deadLetters, commandConsumers, controlConsumers, workflows, bridges
    }

    private func tidy(_ part: Part) async throws(RedisError) {
        switch part {
        case .events: try await trimEvents()
        case .deadLetters: try await trimDeadLetters()
        case .commandConsumers: try await removeConsumers(of: bus.keys.commands)
        case .controlConsumers: try await removeConsumers(of: bus.keys.control)
        case .workflows: try await removeMembers(of: bus.keys.workflows, until: bus.clock.now)
        case .bridges: try await removeMembers(of: bus.keys.bridges, until: bus.clock.now - Self.silence(bus.limits))
        }
    }

    /// How long a bridge has said nothing before it is forgotten, in milliseconds: a few leases, for those of others may be longer.
    private static func silence(_ limits: BusLimits) -> Int64 { (limits.lease * 4).wholeMilliseconds }

    private func trimEvents() async throws(RedisError) {
        let limits = bus.limits
        try await trim(
            bus.keys.events, olderThan: min(limits.eventRetention, limits.retention), length: limits.eventLength, bytes: limits.eventBytes)
    }

    private func trimDeadLetters() async throws(RedisError) {
        let limits = bus.limits
        try await trim(
            bus.keys.deadLetters, olderThan: limits.deadLetterRetention, length: limits.deadLetterLength, bytes: limits.deadLetterBytes)
    }

    private func trim(_ stream: String, olderThan retention: Duration, length: Int, bytes: Int) async throws(RedisError) {
        let oldest = max(0, bus.clock.now - retention.wholeMilliseconds)
        try await trim(stream, to: .minimumID(StreamEntryID(milliseconds: UInt64(oldest), sequence: 0)))
        try await trim(stream, to: .maximumLength(length))
        try await trim(stream, toBytes: bytes)
    }

    /// Drops as large a part of the entries, the oldest ones, as the stream is too large by; again where those that are left are longer.
    private func trim(_ stream: String, toBytes limit: Int) async throws(RedisError) {
        while let bytes = try await bus.redis.execute(MEMORY.USAGE(stream)), bytes > limit {
            let pending = try await bus.redis.execute(XINFO.GROUPS(stream)).reduce(0) { $0 + $1.pending }
            let taken = bytes - pending * Self.toldOfOnePending
            guard taken > limit else { return }
            let length = try await bus.redis.execute(XLEN(stream))
            try await trim(stream, to: .maximumLength(Int(Double(length) * Double(limit) / Double(taken))))
            // A server that may keep some more drops whole nodes: none is left to be dropped.
            guard try await bus.redis.execute(XLEN(stream)) < length else { return }
        }
    }

    /// What `MEMORY USAGE` counts for an entry that a reader's group has pending, several times what that takes. No event may go because a
    /// reader acknowledges none.
    private static let toldOfOnePending = 600

    /// Trims in short calls, one after the other, until the stream is within its bound: however fast it grows, it is there after this.
    ///
    /// A server that may keep some more drops whole nodes, up to a number of entries a call, so the last call drops fewer.
    private func trim(_ stream: String, to bound: XTRIM.Bound) async throws(RedisError) {
        while try await bus.redis.execute(XTRIM(stream, to: bound, limit: Self.trimmedAtOnce)) > Self.trimmedAtOnce / 2 {}
    }

    /// Some two milliseconds of the server's time.
    private static let trimmedAtOnce = 10_000

    private func removeConsumers(of stream: String) async throws(RedisError) {
        for consumer in try await bus.redis.execute(XINFO.CONSUMERS(stream, BusKeys.group))
        where consumer.pending == 0 && consumer.idle >= timeout {
            _ = try await bus.redis.evaluate(RemoveConsumer(stream: stream, consumer: consumer.name, idle: timeout).encoded)
        }
    }

    private func removeMembers(of key: String, until moment: Int64) async throws(RedisError) {
        _ = try await bus.redis.execute(ZREMRANGEBYSCORE(key, from: -.infinity, through: Double(moment)))
    }
}
