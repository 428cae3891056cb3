import CanoBus
import CanoRedis

/// What happened in a run of one shard.
extension ShardClient {
    /// What happened in a run; nil when no run has the id.
    func timeline(of run: String, lookingAt entries: Int) async throws -> RunTimeline? {
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
