import CanoBus

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
        try await onShard(ofRun: run) { try await $0.timeline(of: run, lookingAt: entries) }
    }
}
