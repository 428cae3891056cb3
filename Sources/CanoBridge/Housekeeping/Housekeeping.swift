import CanoCore
import CanoRedis
import Logging

/// What keeps the bus in bounds, done by every bridge at its heartbeats.
struct Housekeeping: Sendable {
    let bus: BusKeys
    let redis: RedisClient
    let limits: BusLimits
    let clock: BusClock

    /// How long a consumer has had nothing to do before it is removed.
    private static let consumerPatience: Duration = .seconds(3_600)

    /// Trims the streams nobody consumes and removes the consumers of bridges that are gone.
    func run() async throws(RedisError) {
        let oldest = max(0, clock.now - min(limits.eventRetention, limits.retention).wholeMilliseconds)
        _ = try await redis.execute(XTRIM(bus.events, to: .minimumID(StreamEntryID(milliseconds: UInt64(oldest), sequence: 0))))
        _ = try await redis.execute(XTRIM(bus.events, to: .maximumLength(limits.eventLength)))
        _ = try await redis.execute(XTRIM(bus.deadLetters, to: .maximumLength(limits.deadLetterLength)))
        for stream in [bus.commands, bus.control] {
            for consumer in try await redis.execute(XINFO.CONSUMERS(stream, BusKeys.group))
            where consumer.pending == 0 && consumer.idle >= Self.consumerPatience {
                _ = try await redis.evaluate(removal(of: consumer.name, from: stream))
            }
        }
        try await removeStaleListings()
    }

    /// Removing a consumer gives up what it has pending, so that it has nothing is looked at in the same step.
    private func removal(of consumer: String, from stream: String) -> RedisScriptCall {
        var call = RedisScriptCall(BusScript.removeConsumer, keys: [stream])
        call.append(BusKeys.group)
        call.append(consumer)
        call.append(Self.consumerPatience.wholeMilliseconds)
        return call
    }

    private func removeStaleListings() async throws(RedisError) {
        var workflows = RESPCommand("ZREMRANGEBYSCORE", bus.workflows, "-inf")
        workflows.append(clock.now)
        _ = try await redis.execute(raw: workflows, isIdempotent: true)
        var bridges = RESPCommand("ZREMRANGEBYSCORE", bus.bridges, "-inf")
        bridges.append(clock.now - Self.consumerPatience.wholeMilliseconds)
        _ = try await redis.execute(raw: bridges, isIdempotent: true)
    }
}
