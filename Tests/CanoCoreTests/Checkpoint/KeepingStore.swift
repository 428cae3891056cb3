import CanoCore
import Synchronization

/// Keeps every row that was appended, also those that later ones took the place of.
final class KeepingStore: CheckpointStore {
    private let inner: any CheckpointStore
    private let kept = Mutex<[CheckpointRow]>([])

    init(_ inner: any CheckpointStore = InMemoryCheckpointStore()) { self.inner = inner }

    /// Every row, in the order they became durable.
    var appended: [CheckpointRow] { kept.withLock { $0 } }

    func append(_ row: CheckpointRow, to run: RunID) async throws {
        try await inner.append(row, to: run)
        kept.withLock { $0.append(row) }
    }

    func rows(of run: RunID) async throws -> [CheckpointRow] { try await inner.rows(of: run) }

    func clear(_ run: RunID) async throws { try await inner.clear(run) }

    func release(_ run: RunID) async { await inner.release(run) }
}
