import CanoCore

/// Where the engine appends the rows of a run: each goes to Redis in a script of the session, with all that belongs to it.
struct SessionLog: CheckpointLog {
    let session: RunSession
    let exitStates: Set<String>
    /// Whether the bridge wants to be rid of its runs.
    let isDraining: @Sendable () -> Bool
    /// Called when the run has come a step further.
    let onProgress: (@Sendable () -> Void)?

    func append(_ row: CheckpointRow, to run: RunID) async throws {
        guard try await session.append(row, isExit: exitStates.contains(row.state)) else { return }
        onProgress?()
        if isDraining() { throw Relinquished(reason: .handBack) }
        if await !session.isStillOwner(), let reason = session.control.handoffReason { throw Relinquished(reason: reason) }
    }

    func isStillOwner(of run: RunID) async -> Bool { await session.isStillOwner() }
}
