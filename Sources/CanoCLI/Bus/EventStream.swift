import CanoBus
import CanoRedis

/// A stream of events as a client reads it: from one entry on, waiting for what is to come.
struct EventStream: Sendable {
    let configuration: RedisConfiguration
    let key: String

    /// The first event from a command's entry on that answers the command.
    ///
    /// - Parameters:
    ///   - entry: The command's entry. Both ids are the server's time, so no answer has a lower one.
    ///   - timeout: How long to wait; nil for as long as it takes.
    ///   - isAnswer: Which event it is.
    /// - Returns: The event; nil when none has come in time.
    /// - Throws: ``RedisError``; what `isAnswer` throws.
    func first(
        from entry: StreamEntryID, within timeout: Duration?, where isAnswer: (EventEntry) throws -> Bool
    ) async throws -> EventEntry? {
        let clock = ContinuousClock()
        let deadline = timeout.map { clock.now.advanced(by: $0) }
        // XREAD leaves out the id it is given.
        let before = StreamEntryID(milliseconds: max(1, entry.milliseconds) - 1, sequence: .max)
        return try await read(after: before, until: deadline) { events in try events.first(where: isAnswer) }
    }

    /// Hands over every event after an entry, for as long as the caller's task is not cancelled.
    ///
    /// - Throws: ``RedisError``; what the body throws.
    func follow(after entry: StreamEntryID, _ body: (EventEntry) throws -> Void) async throws {
        let _: Never? = try await read(after: entry, until: nil) { events in
            for event in events { try body(event) }
            return nil
        }
    }

    /// Reads on until the body finds what it looks for; nil when the deadline passes first.
    private func read<Found>(
        after entry: StreamEntryID, until deadline: ContinuousClock.Instant?, _ find: ([EventEntry]) throws -> Found?
    ) async throws -> Found? {
        let reader = RedisBlockingClient(configuration, logger: .silent)
        let result: Result<Found?, any Error>
        do {
            result = .success(try await read(with: reader, after: entry, until: deadline, find))
        } catch {
            result = .failure(error)
        }
        await reader.close()
        return try result.get()
    }

    private func read<Found>(
        with reader: RedisBlockingClient, after entry: StreamEntryID, until deadline: ContinuousClock.Instant?,
        _ find: ([EventEntry]) throws -> Found?
    ) async throws -> Found? {
        let clock = ContinuousClock()
        var last = entry
        while true {
            let left = deadline.map { clock.now.duration(to: $0) } ?? .seconds(2)
            guard left > .zero else { return nil }
            let block = min(.seconds(2), max(.milliseconds(1), left))
            let entries = try await reader.execute(XREAD([(key: key, after: last)], count: 500, block: block)).flatMap(\.entries)
            if let found = try find(entries.map { EventEntry($0.fields) }) { return found }
            last = entries.last?.id ?? last
        }
    }
}
