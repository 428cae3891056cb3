import Synchronization

/// Logs in memory: for tests, and for runs that need no more than to be resumed by the process that started them.
public final class InMemoryCheckpointStore: CheckpointStore {
    private let logs = Mutex<[RunID: [CheckpointRow]]>([:])

    /// Creates an empty store.
    public init() {}

    /// Adds a row.
    ///
    /// - Throws: ``CanoError/Category/checkpointStore`` when the log is not where the row follows.
    public func append(_ row: CheckpointRow, to run: RunID) async throws {
        try logs.withLock { logs in
            var log = logs.removeValue(forKey: run) ?? []
            defer { if !log.isEmpty { logs[run] = log } }
            guard row.sequence == (log.last?.sequence ?? -1) + 1 else {
                // Only a caller that was not answered may say again what it has said.
                if log.last(where: { $0.sequence <= row.sequence }) == row { return }
                throw CanoError(conflicting: row, of: run)
            }
            if let replaced = row.replaces { while !log.isEmpty, log[log.endIndex - 1].sequence >= replaced { log.removeLast() } }
            log.append(row)
        }
    }

    /// The log of a run, by ascending sequence; empty when the run is unknown.
    public func rows(of run: RunID) async throws -> [CheckpointRow] { logs.withLock { $0[run] ?? [] } }

    /// Removes the log of a run.
    public func clear(_ run: RunID) async throws { logs.withLock { _ = $0.removeValue(forKey: run) } }
}
