import CanoCore
import Synchronization

/// A store whose run another owner has, from when a test says so. Few stores know a run's control, and can stop it.
final class LosingStore: CheckpointStore {
    private let inner: any CheckpointStore
    private let control: RunControl?
    private let isLost = Mutex(false)

    init(_ inner: any CheckpointStore, _ control: RunControl?) {
        self.inner = inner
        self.control = control
    }

    func lose() { isLost.withLock { $0 = true } }

    func isStillOwner(of run: RunID) async -> Bool {
        guard isLost.withLock({ $0 }) else { return true }
        control?.stop(.ownershipLost)
        return false
    }

    func append(_ row: CheckpointRow, to run: RunID) async throws { try await inner.append(row, to: run) }

    func rows(of run: RunID) async throws -> [CheckpointRow] { try await inner.rows(of: run) }

    func clear(_ run: RunID) async throws { try await inner.clear(run) }
}
