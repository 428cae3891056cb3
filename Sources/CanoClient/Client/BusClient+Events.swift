public import CanoBus
public import CanoRedis

/// What happens on the bus.
extension BusClient {
    /// Hands every event to the body, in the order of the stream, for as long as the caller's task is not cancelled. Each shard has a stream, and
    /// so an order of its own: that of a run's events is kept.
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
        guard clients.count > 1 else {
            return try await first.eventGroup(group, consumer: consumer, takingOverAfter: period).follow(from: beginning, body)
        }
        try await takingTurns(body) { shard, hand in
            try await shard.eventGroup(group, consumer: consumer, takingOverAfter: period).follow(from: beginning, hand)
        }
    }

    /// Hands the events that are kept to the body, the oldest first; those of several shards in the order of their entries.
    ///
    /// - Parameters:
    ///   - id: The entry after which to begin; `StreamEntryID.zero` begins with the oldest.
    ///   - body: What to do with an event.
    /// - Returns: The last entry that was read. Of several shards it is the last of the one whose last is the oldest: going on from there misses
    ///   none, and some come again.
    /// - Throws: `RedisError`; what the body throws.
    @discardableResult
    public func readEvents(
        after id: StreamEntryID = .zero, _ body: (EventEntry) throws -> Void
    ) async throws -> StreamEntryID {
        var reader = MergedReader<StreamEntry>(clients) {
            $0.id < $1.id
        } reading: { shard, last, count in
            guard let first = (last?.id ?? id).next else { return ShardPart(elements: [], isLast: true) }
            let page = try await shard.redis.execute(XRANGE(shard.keys.events, from: first, count: count))
            // What comes meanwhile is read as well.
            return ShardPart(elements: page, isLast: page.isEmpty)
        }
        var last = Array(repeating: id, count: clients.count)
        while case let page = try await reader.next(Self.eventsAtOnce), !page.isEmpty {
            for (shard, entry) in page {
                try body(EventEntry(entry.fields))
                last[shard] = entry.id
            }
        }
        return last.min() ?? id
    }

    private static let eventsAtOnce = 500

    /// Hands the events that are to come to the body, for as long as the caller's task is not cancelled. Nothing remembers what was read:
    /// ``followEvents(group:consumer:from:takingOverAfter:_:)`` does. Each shard has an order of its own.
    ///
    /// - Throws: `RedisError` when the server refuses; what the body throws; `CancellationError`.
    public func watchEvents(_ body: (EventEntry) throws -> Void) async throws {
        let last = try await onEachShard { try await $0.lastEvent() }
        guard clients.count > 1 else { return try await first.eventReader.follow(after: last[0], body) }
        try await takingTurns(body) { shard, hand in
            try await shard.eventReader.follow(after: last[shard.number], hand)
        }
    }

    /// Reads all shards at the same time, and calls the body with one event after the other.
    private func takingTurns(
        _ body: (EventEntry) async throws -> Void,
        reading read: @escaping @Sendable (ShardClient, (EventEntry) async throws -> Void) async throws -> Void
    ) async throws {
        let handover = EventHandover<EventEntry>(readers: clients.count)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for client in clients {
                group.addTask {
                    do {
                        try await client.untilAgreed()
                        try await client.ask { shard in try await read(shard) { try await handover.hand($0, by: shard.number) } }
                    } catch {
                        handover.end(with: error)
                    }
                }
            }
            defer { group.cancelAll() }
            try await handover.take(body)
        }
    }
}
