import CanoCore
import CanoPrimitives
import CanoRedis
import Logging

/// What keeps the bus in bounds, done by every bridge at its heartbeats.
struct Housekeeping: Sendable {
    let bus: BusKeys
    let redis: RedisClient
    let limits: BusLimits
    let clock: BusClock
    /// How long a consumer has had nothing to do, and a bridge has said nothing, before they are forgotten.
    var patience: Duration = .seconds(3_600)

    /// Trims the streams nobody consumes and removes what bridges that are gone have left.
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
        case .deadLetters: _ = try await redis.execute(XTRIM(bus.deadLetters, to: .maximumLength(limits.deadLetterLength)))
        case .commandConsumers: try await removeConsumers(of: bus.commands)
        case .controlConsumers: try await removeConsumers(of: bus.control)
        case .workflows: try await removeMembers(of: bus.workflows, until: clock.now)
        case .bridges: try await removeMembers(of: bus.bridges, until: clock.now - patience.wholeMilliseconds)
        }
    }

    private func trimEvents() async throws(RedisError) {
        let oldest = max(0, clock.now - min(limits.eventRetention, limits.retention).wholeMilliseconds)
        _ = try await redis.execute(XTRIM(bus.events, to: .minimumID(StreamEntryID(milliseconds: UInt64(oldest), sequence: 0))))
        _ = try await redis.execute(XTRIM(bus.events, to: .maximumLength(limits.eventLength)))
    }

    private func removeConsumers(of stream: String) async throws(RedisError) {
        for consumer in try await redis.execute(XINFO.CONSUMERS(stream, BusKeys.group))
        where consumer.pending == 0 && consumer.idle >= patience {
            _ = try await redis.evaluate(removal(of: consumer.name, from: stream))
        }
    }

    /// Removing a consumer gives up what it has pending, so that it has nothing is looked at in the same step.
    private func removal(of consumer: String, from stream: String) -> RedisScriptCall {
        var call = RedisScriptCall(BusScript.removeConsumer, keys: [stream])
        call.append(BusKeys.group)
        call.append(consumer)
        call.append(patience.wholeMilliseconds)
        return call
    }

    private func removeMembers(of key: String, until moment: Int64) async throws(RedisError) {
        var removal = RESPCommand("ZREMRANGEBYSCORE", key, "-inf")
        removal.append(moment)
        _ = try await redis.execute(raw: removal, isIdempotent: true)
    }
}
