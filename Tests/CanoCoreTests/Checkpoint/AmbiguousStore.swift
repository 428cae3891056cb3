import CanoCore
import Synchronization

/// Makes every append and says the first time that it doesn't know.
final class AmbiguousStore: CheckpointStore {
    private struct NoAnswer: Error {}

    private let inner: InMemoryCheckpointStore
    private let appended = Mutex<Set<Int>>([])
    private let repeated = Counter()

    init(_ inner: InMemoryCheckpointStore) { self.inner = inner }

    var repeats: Int { repeated.value }

    func append(_ row: CheckpointRow, to run: RunID) async throws {
        try await inner.append(row, to: run)
        if appended.withLock({ $0.insert(row.sequence).inserted }) { throw NoAnswer() }
        repeated.increment()
    }

    func rows(of run: RunID) async throws -> [CheckpointRow] { try await inner.rows(of: run) }

    func clear(_ run: RunID) async throws { try await inner.clear(run) }
}
