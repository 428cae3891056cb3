import Synchronization

/// Logs in memory: for tests, and for runs that need no more than to be resumed by the process that started them.
public final class InMemoryCheckpointStore: CheckpointStore {
    private let logs = Mutex<[RunID: [CheckpointRow]]>([:])

    /// Creates an empty store.
    public init() {}

    /// Adds a row.
    ///
    /// - Throws: ``CanoError/Category/checkpointStore`` when another row has that sequence.
    public func append(_ row: CheckpointRow, to run: RunID) async throws {
        try logs.withLock { logs in
            var log = logs.removeValue(forKey: run) ?? []
            defer { logs[run] = log }
            // Rows come in order, so the place to look is nearly always the end.
            guard let last = log.last, row.sequence <= last.sequence else {
                if let replaced = row.replaces { log.removeAll { $0.sequence == replaced } }
                return log.append(row)
            }
            let index = log.firstIndex { $0.sequence >= row.sequence } ?? log.endIndex
            guard log[index].sequence == row.sequence else { return log.insert(row, at: index) }
            if log[index] != row {
                throw CanoError(
                    .checkpointStore,
                    "run \"\(run)\" already has another row \(row.sequence): resume the run or clear its log before starting it again",
                    code: "conflict")
            }
        }
    }

    /// The log of a run, by ascending sequence; empty when the run is unknown.
    public func rows(of run: RunID) async throws -> [CheckpointRow] { logs.withLock { $0[run] ?? [] } }

    /// Removes the log of a run.
    public func clear(_ run: RunID) async throws { logs.withLock { _ = $0.removeValue(forKey: run) } }
}
