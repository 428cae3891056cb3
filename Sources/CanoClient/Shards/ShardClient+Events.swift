import CanoBus
import CanoRedis

/// What happens on one shard.
extension ShardClient {
    var eventReader: EventReader { EventReader(key: keys.events, configuration: configuration, clock: clock, logger: logger) }

    /// A group on the stream of all events.
    func eventGroup(_ name: String, consumer: String, takingOverAfter period: Duration?) -> EventGroup {
        EventGroup(name: name, consumer: consumer, reader: eventReader, redis: redis, takeoverPeriod: period)
    }

    /// The last event there is; before any where there is none.
    func lastEvent() async throws -> StreamEntryID { try await redis.execute(XREVRANGE(keys.events, count: 1)).first?.id ?? .zero }
}
