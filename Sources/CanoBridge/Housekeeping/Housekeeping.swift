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
        case .deadLetters: try await trim(bus.keys.deadLetters, to: .maximumLength(bus.limits.deadLetterLength))
        case .commandConsumers: try await removeConsumers(of: bus.keys.commands)
        case .controlConsumers: try await removeConsumers(of: bus.keys.control)
        case .workflows: try await removeMembers(of: bus.keys.workflows, until: bus.clock.now)
        case .bridges: try await removeMembers(of: bus.keys.bridges, until: bus.clock.now - Self.silence(bus.limits))
        }
    }

    /// How long a bridge has said nothing before it is forgotten, in milliseconds: a few leases, for those of others may be longer.
    private static func silence(_ limits: BusLimits) -> Int64 { (limits.lease * 4).wholeMilliseconds }

    private func trimEvents() async throws(RedisError) {
        let oldest = max(0, bus.clock.now - min(bus.limits.eventRetention, bus.limits.retention).wholeMilliseconds)
        try await trim(bus.keys.events, to: .minimumID(StreamEntryID(milliseconds: UInt64(oldest), sequence: 0)))
        try await trim(bus.keys.events, to: .maximumLength(bus.limits.eventLength))
    }

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
