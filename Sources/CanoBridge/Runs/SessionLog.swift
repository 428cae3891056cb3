import CanoBus
import CanoCore

/// Where the engine appends the rows of a run: each goes to Redis in a script of the session, with all that belongs to it.
struct SessionLog: CheckpointLog {
    let task: RunTask
    let held: HeldRuns
    let clock: any EngineClock
    let exitStates: Set<String>
    /// Whether the bridge wants to be rid of its runs.
    let isDraining: @Sendable () -> Bool
    /// Called when the run has come a step further.
    let onProgress: (@Sendable () -> Void)?

    private var session: RunSession { task.session }

    var handsOut: Bool { true }

    func append(_ row: CheckpointRow, to run: RunID) async throws {
        try checkRequests(of: [row])
        guard try await session.append(row, isExit: exitStates.contains(row.state)) else { return }
        try await goOn()
    }

    func append(contentsOf rows: [CheckpointRow], to run: RunID) async throws {
        try checkRequests(of: rows)
        try await session.append(rows)
        try await goOn()
    }

    func beginWaiting(_ wait: RunWait, with row: CheckpointRow, of run: RunID) async throws -> WaitBeginning {
        try checkRequests(of: [row])
        let beginning = try await session.beginWaiting(wait, with: row)
        if beginning != .putDown { try await goOn() }
        return beginning
    }

    func untilWokenHere(_ run: RunID) async throws -> [ReceivedSignal]? {
        guard held.hold(task, at: clock.now) else { return nil }
        guard let signals = await task.untilWoken() else {
            held.remove(task)
            return nil
        }
        try await goOn()
        return signals
    }

    /// - Throws: ``CanoError`` for what is too long for a queue, and for a child that can have no id. No other attempt cures it.
    private func checkRequests(of rows: [CheckpointRow]) throws(CanoError) {
        for row in rows {
            guard let request = row.request else { continue }
            if let child = request.child { try checkID(of: child, state: row.state) }
            guard request.input.count > BusLimits.taskBytes else { continue }
            throw CanoError(
                .taskExecution,
                """
                the input of a task may have \(BusLimits.taskBytes) bytes, and this one has \(request.input.count): keep large data elsewhere \
                and hand out where it is
                """, code: "input_too_long", state: row.state, isRetryable: false)
        }
    }

    /// An id has its bound, and what a child adds to that of its parent is short.
    private func checkID(of child: ChildRequest, state: String) throws(CanoError) {
        let id = "\(child.run)"
        // Room for the epoch of a resumed parent.
        guard !RunName.isValid(id) || id.utf8.count > RunName.maximumBytes - 8 else { return }
        throw CanoError(
            .taskExecution,
            """
            a child would have the id \(id), which is too long or no id: give runs that have children shorter ids, which do not end in a slash
            """, code: "bad_child_id", state: state, isRetryable: false)
    }

    func isHandedOut(_ leg: String, of run: RunID) -> Bool { session.withLedger { $0.isOpen(leg) } }

    /// The run has come a step further, and goes on here unless it is to go on elsewhere.
    private func goOn() async throws {
        onProgress?()
        if isDraining() { throw Relinquished(reason: .handBack) }
        if await !session.isStillOwner(), let reason = session.control.handoffReason { throw Relinquished(reason: reason) }
    }

    func isStillOwner(of run: RunID) async -> Bool { await session.isStillOwner() }
}
