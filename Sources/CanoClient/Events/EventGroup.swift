import CanoBus
import CanoCore
import CanoRedis

/// A consumer group on the stream of events, as one of its consumers sees it.
struct EventGroup: Sendable {
    let name: String
    let consumer: String
    let reader: EventReader
    let redis: RedisClient
    /// How long the events of other consumers may go unacknowledged; nil for as long as they like.
    let takeoverPeriod: Duration?

    private var clock: any EngineClock { reader.clock }

    /// Hands over events until the caller's task is cancelled.
    func follow(from beginning: StreamEntryID?, _ body: (EventEntry) async throws -> Void) async throws {
        try await reader.untilAnswered {
            _ = try await redis.execute(XGROUP.CREATE(reader.key, name, after: beginning))
        }
        try await reader.withConnection { connection in
            var pauses = reader.pauses
            var nextTakeover = takeoverPeriod.map { clock.now.advanced(by: $0) }
            // What this consumer was given before and has not acknowledged comes first; nil once it has all been seen.
            var pending: StreamEntryID? = .zero
            while true {
                try Task.checkCancellation()
                if let period = takeoverPeriod, let due = nextTakeover, clock.now >= due {
                    try await takeOver(idleFor: period)
                    nextTakeover = clock.now.advanced(by: period)
                    pending = .zero
                }
                switch await read(connection, after: pending) {
                case .success(let entries):
                    pauses.end()
                    pending = pending.flatMap { _ in entries.last?.id }
                    for entry in entries { try await handle(entry, body) }
                case .failure(let error):
                    guard error.isPassing else { throw error }
                    // What a lost reply held is pending.
                    pending = .zero
                    try await pauses.wait(after: error)
                }
            }
        }
    }

    private func read(_ connection: RedisBlockingClient, after pending: StreamEntryID?) async -> Result<[StreamEntry], RedisError> {
        let block: Duration? = pending == nil ? EventReader.block : nil
        let read = XREADGROUP(name, consumer, [(key: reader.key, after: pending)], count: 100, block: block)
        do throws(RedisError) {
            return .success(try await connection.execute(read).flatMap(\.entries))
        } catch {
            return .failure(error)
        }
    }

    private func handle(_ entry: StreamEntry, _ body: (EventEntry) async throws -> Void) async throws {
        // One without fields was trimmed away while it was pending.
        if !entry.fields.isEmpty { try await body(EventEntry(entry.fields)) }
        try await reader.untilAnswered {
            _ = try await redis.execute(XACK(reader.key, name, [entry.id]))
        }
    }

    /// Makes the events this consumer's that others were given too long ago.
    private func takeOver(idleFor period: Duration) async throws {
        var cursor = StreamEntryID.zero
        repeat {
            cursor = try await reader.untilAnswered { [cursor] in
                try await redis.execute(
                    XAUTOCLAIM(reader.key, name, consumer, minimumIdle: period, from: cursor, count: 100)
                ).cursor
            }
        } while cursor != .zero
    }
}
