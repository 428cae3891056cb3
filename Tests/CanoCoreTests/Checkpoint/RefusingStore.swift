import CanoCore
import Synchronization

/// Throws what a test says for a row, and else keeps it.
final class RefusingStore: CheckpointStore {
    private let inner: any CheckpointStore
    private let refusal: @Sendable (CheckpointRow) throws -> (any Error)?
    private let seen = Mutex<[CheckpointRow]>([])

    init(_ inner: any CheckpointStore, _ refusal: @escaping @Sendable (CheckpointRow) throws -> (any Error)?) {
        self.inner = inner
        self.refusal = refusal
    }

    /// Every row it was given, refused or kept.
    var offered: [CheckpointRow] { seen.withLock { $0 } }

    func append(_ row: CheckpointRow, to run: RunID) async throws {
        seen.withLock { $0.append(row) }
        if let error = try refusal(row) { throw error }
        try await inner.append(row, to: run)
    }

    func rows(of run: RunID) async throws -> [CheckpointRow] { try await inner.rows(of: run) }

    func clear(_ run: RunID) async throws { try await inner.clear(run) }
}
