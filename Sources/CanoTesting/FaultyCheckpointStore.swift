public import CanoCore
import Synchronization

/// A checkpoint store that fails at one row as it is told: for tests of what a workflow does when its process dies, its store is away or
/// an answer gets lost.
///
/// ```swift
/// let logs = InMemoryCheckpointStore()
/// let dying = FaultyCheckpointStore(logs, .dies(atRow: 2))
/// await #expect(throws: CanoError.self) { try await orders.run(as: "order-1", in: WorkflowRuntime(checkpoints: dying)) }
/// let receipt = try await orders.resume("order-1", in: WorkflowRuntime(checkpoints: logs))
/// ```
public final class FaultyCheckpointStore: CheckpointStore {
    /// What goes wrong. Rows are counted from 0, over all runs, as they are appended.
    public enum Fault: Sendable, Hashable {
        /// As if the process had died before the row was written: the run stops, nothing is undone, and nothing is written from then on.
        case dies(atRow: Int)
        /// Appending fails so many times before the row is written. The engine repeats the call.
        case isAway(atRow: Int, times: Int)
        /// The row is written, but the call fails once: the caller doesn't know that it arrived. The engine repeats the call.
        case losesAnswer(atRow: Int)
        /// The row is refused for good, which fails the run; those of its rollback are written.
        case refuses(atRow: Int)
    }

    /// The store was told to be away.
    public struct Outage: Error, Sendable, Hashable {}

    /// The store was told to refuse.
    public struct Refusal: TerminalError, Sendable, Hashable {}

    private let store: any CheckpointStore
    private let fault: Fault
    private let state = Mutex(State())

    fileprivate struct State {
        var rows = 0
        var failures = 0
        var isDead = false
    }

    fileprivate enum Answer { case write, writeUnanswered, die, fail, refuse }

    /// Creates a store.
    ///
    /// - Parameters:
    ///   - store: Where rows are kept: a run that was left behind is resumed from it.
    ///   - fault: What goes wrong.
    public init(_ store: any CheckpointStore, _ fault: Fault) {
        self.store = store
        self.fault = fault
    }

    /// How many calls have failed.
    public var failures: Int { state.withLock { $0.failures } }

    /// Adds a row, unless it is the one at which the store fails.
    public func append(_ row: CheckpointRow, to run: RunID) async throws {
        switch state.withLock({ $0.answer(to: fault) }) {
        case .write: try await store.append(row, to: run)
        case .writeUnanswered:
            try await store.append(row, to: run)
            throw Outage()
        case .die: throw Relinquished(reason: .ownershipLost)
        case .fail: throw Outage()
        case .refuse: throw Refusal()
        }
    }

    /// Whether the process lives.
    public func isStillOwner(of run: RunID) async -> Bool { state.withLock { !$0.isDead } }

    /// The log of a run.
    public func rows(of run: RunID) async throws -> [CheckpointRow] { try await store.rows(of: run) }

    /// Removes the log of a run, unless the process has died.
    public func clear(_ run: RunID) async throws {
        guard await isStillOwner(of: run) else { throw Relinquished(reason: .ownershipLost) }
        try await store.clear(run)
    }

    /// Lets others have the run.
    public func release(_ run: RunID) async { await store.release(run) }
}

extension FaultyCheckpointStore.State {
    fileprivate mutating func answer(to fault: FaultyCheckpointStore.Fault) -> FaultyCheckpointStore.Answer {
        if isDead { return .die }
        switch fault {
        case .dies(rows):
            failures += 1
            isDead = true
            return .die
        case .isAway(rows, let times) where failures < times:
            failures += 1
            return .fail
        case .losesAnswer(rows) where failures == 0:
            failures += 1
            return .writeUnanswered
        case .refuses(rows) where failures == 0:
            failures += 1
            return .refuse
        default:
            rows += 1
            return .write
        }
    }
}
