import CanoCore
import Synchronization

/// Loses the run at one append, before or after the row was written: what a crash, or another owner, looks like to a run.
final class DyingStore: CheckpointStore {
    private struct State {
        var left: Int
        var isDead = false
        var touchedAfterwards = false
    }

    private let inner: any CheckpointStore
    private let writesLast: Bool
    private let state: Mutex<State>

    /// Dies at the append of that index; `nil` never.
    init(_ inner: any CheckpointStore, dyingAt index: Int?, writesLast: Bool) {
        self.inner = inner
        self.writesLast = writesLast
        state = Mutex(State(left: index ?? .max))
    }

    var isDead: Bool { state.withLock { $0.isDead } }
    /// Whether a run that was lost did anything to its log.
    var wasTouchedAfterDeath: Bool { state.withLock { $0.touchedAfterwards } }

    func append(_ row: CheckpointRow, to run: RunID) async throws {
        let dies = state.withLock { state in
            if state.isDead { state.touchedAfterwards = true }
            state.left -= 1
            if state.left < 0 { state.isDead = true }
            return state.isDead
        }
        guard dies else { return try await inner.append(row, to: run) }
        if writesLast, !wasTouchedAfterDeath { try await inner.append(row, to: run) }
        throw Relinquished(reason: .ownershipLost)
    }

    func rows(of run: RunID) async throws -> [CheckpointRow] { try await inner.rows(of: run) }

    func clear(_ run: RunID) async throws {
        if isDead { return state.withLock { $0.touchedAfterwards = true } }
        try await inner.clear(run)
    }
}
