import CanoBridge
import CanoRedis

/// Reads a stream from a command's entry on, until its answer comes.
struct AnswerReader {
    let redis: RedisOptions

    /// The first event that fits.
    ///
    /// - Parameters:
    ///   - stream: The stream's key.
    ///   - entry: The command's entry.
    ///   - patience: How long to wait; nil for as long as it takes.
    ///   - isAnswer: Which event it is.
    /// - Returns: The event; nil when it has not come in time.
    /// - Throws: ``RedisError``.
    func first(
        on stream: String, after entry: StreamEntryID, within patience: Duration?, where isAnswer: (BusEventReader) -> Bool
    ) async throws -> BusEventReader? {
        let reader = RedisBlockingClient(try redis.configuration, logger: .silent)
        let result: Result<BusEventReader?, any Error>
        do {
            result = .success(try await first(on: stream, after: entry, within: patience, where: isAnswer, reader))
        } catch {
            result = .failure(error)
        }
        await reader.close()
        return try result.get()
    }

    private func first(
        on stream: String, after entry: StreamEntryID, within patience: Duration?, where isAnswer: (BusEventReader) -> Bool,
        _ reader: RedisBlockingClient
    ) async throws -> BusEventReader? {
        let clock = ContinuousClock()
        let deadline = patience.map { clock.now.advanced(by: $0) }
        // An answer has an id no lower than the command's; XREAD leaves out the id it is given.
        var last = StreamEntryID(milliseconds: max(1, entry.milliseconds) - 1, sequence: .max)
        while true {
            if let deadline, clock.now >= deadline { return nil }
            let block = min(Duration.seconds(2), deadline.map { max(.milliseconds(1), clock.now.duration(to: $0)) } ?? .seconds(2))
            for answer in try await reader.execute(XREAD([(key: stream, after: last)], count: 100, block: block)).flatMap(\.entries) {
                last = answer.id
                let event = BusEventReader(answer)
                if isAnswer(event) { return event }
            }
        }
    }
}
