import CanoBus
import CanoRedis

/// What happened in a run.
extension BusClient {
    /// What happened in a run, from the events that are still on the stream of all events.
    ///
    /// Nothing lists the events of one run, so it reads the stream from the run's beginning on, and then back from its last change, until it
    /// has found all of them or has looked at so many entries. What it costs Redis is bounded by that: 500 entries a call. Of a run that takes
    /// long on a busy bus it finds the first and the last events, and says which it has not found.
    ///
    /// - Parameters:
    ///   - run: The run's id.
    ///   - entries: How many entries to look at, at most.
    /// - Returns: The events; nil when no run has the id.
    /// - Throws: `BusError` with the code `unreadableRun` when the record is damaged; `RedisError`.
    public func timeline(of run: String, lookingAt entries: Int = 10_000) async throws -> RunTimeline? {
        guard let record = try await record(of: run) else { return nil }
        guard let begun = [record.created, record.started].compactMap(\.self).min() else { return RunTimeline([], of: record.events) }
        // A bridge knows Redis' clock to half a round trip.
        let first = StreamEntryID(milliseconds: UInt64(max(0, begun - Self.clockError)), sequence: 0)
        let end = record.status.isOver ? record.updated.map { $0 + Self.clockError } : nil
        let last = end.map { StreamEntryID(milliseconds: UInt64(max(0, $0)), sequence: .max) }
        var search = TimelineSearch(run: run, count: record.events, from: first, through: last, budget: max(2, entries))
        while let range = search.next {
            switch range {
            case .onward(let from, let count):
                search.found(try await redis.execute(XRANGE(keys.events, from: from, through: last, count: count)), of: count)
            case .back(let from, let through, let count):
                search.found(back: try await redis.execute(XREVRANGE(keys.events, from: from, through: through, count: count)), of: count)
            }
        }
        return RunTimeline(search.events, of: record.events)
    }

    /// By how much a bridge's clock may differ from Redis', in milliseconds, with room to spare.
    private static let clockError: Int64 = 2_000
}
