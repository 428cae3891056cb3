public import CanoBus
public import CanoRedis

/// What happens on the bus.
extension BusClient {
    var eventReader: EventReader { EventReader(key: keys.events, configuration: configuration, clock: clock, logger: logger) }

    /// Hands every event to the body, in the order of the stream, for as long as the caller's task is not cancelled.
    ///
    /// The group is a bookmark that Redis keeps: each service takes a name of its own and sees all events. An event is acknowledged when
    /// the body has returned. After a crash in between it comes again, to a consumer of the same name: `EventEntry.source` and
    /// `EventEntry.id` say whether it has been seen. While Redis is away, the reader waits.
    ///
    /// - Parameters:
    ///   - group: The name of the group; it is made when it is not there.
    ///   - consumer: The name of this process in the group. Processes that run at the same time need different names.
    ///   - beginning: Where a group that is made begins: after this entry, or with what is to come when `nil`.
    ///   - period: How long an event that was handed to another consumer may go without being acknowledged, before this one takes it over;
    ///     `nil` leaves the events of others alone.
    ///   - body: What to do with an event.
    /// - Throws: `RedisError` when the server refuses; what the body throws, its event unacknowledged; `CancellationError`.
    public func followEvents(
        group: String, consumer: String, from beginning: StreamEntryID? = .zero, takingOverAfter period: Duration? = nil,
        _ body: (EventEntry) async throws -> Void
    ) async throws {
        let group = EventGroup(
            name: group, consumer: consumer, reader: eventReader, redis: redis, takeoverPeriod: period)
        try await group.follow(from: beginning, body)
    }

    /// Hands the events that are kept to the body, the oldest first.
    ///
    /// - Parameters:
    ///   - id: The entry after which to begin; `StreamEntryID.zero` begins with the oldest.
    ///   - body: What to do with an event.
    /// - Returns: The last entry that was read.
    /// - Throws: `RedisError`; what the body throws.
    @discardableResult
    public func readEvents(
        after id: StreamEntryID = .zero, _ body: (EventEntry) throws -> Void
    ) async throws -> StreamEntryID {
        var last = id
        while let first = last.next, case let page = try await redis.execute(XRANGE(keys.events, from: first, count: 500)),
            let end = page.last
        {
            for entry in page { try body(EventEntry(entry.fields)) }
            last = end.id
        }
        return last
    }

    /// Hands the events that are to come to the body, for as long as the caller's task is not cancelled. Nothing remembers what was read:
    /// ``followEvents(group:consumer:from:takingOverAfter:_:)`` does.
    ///
    /// - Throws: `RedisError` when the server refuses; what the body throws; `CancellationError`.
    public func watchEvents(_ body: (EventEntry) throws -> Void) async throws {
        let last = try await redis.execute(XREVRANGE(keys.events, count: 1)).first?.id ?? .zero
        try await eventReader.follow(after: last, body)
    }
}
