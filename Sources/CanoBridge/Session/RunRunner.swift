import CanoCore
import CanoRedis
import Logging

/// Drives one run on this bridge, from its acceptance or from where another bridge left it, and writes down how it ended.
struct RunRunner: Sendable {
    let bus: BusKeys
    let bridge: String
    let limits: BusLimits
    let events: EventLevels
    let runtime: WorkflowRuntime
    let sender: ScriptSender
    let clock: BusClock
    let sessions: SessionRoster
    let logger: Logger

    /// Runs a start command to its end, or until the run is given up.
    ///
    /// - Returns: What became of the command; whatever is not accepted was not run.
    /// - Throws: ``Relinquished`` when the bridge stopped before Redis answered the acceptance; ``RedisError`` when one of
    ///   the run's keys holds something else.
    func run(
        _ command: StartCommand, of workflow: RegisteredWorkflow, entry: StreamEntryID, notBefore: Int64?,
        drive: RegisteredWorkflow.Drive
    ) async throws -> RunSession.Acceptance {
        let identity = RunIdentity(
            run: command.run, workflow: workflow.name, version: workflow.version, bridge: bridge, epoch: 1,
            source: bus.eventSource + workflow.name, trace: command.trace)
        let session = session(
            RunLedger(
                identity, keys: RunKeys(run: command.run, bus: bus), replyNames: command.replyName ?? "", startedAt: clock.now,
                limits: limits), of: workflow, since: runtime.clock.now)
        let acceptance = try await accepted(session, command, entry, workflow.firstRow, notBefore)
        guard acceptance == .accepted else { return acceptance }
        await drivenToEnd(session) {
            let timeout = command.timeout.map { Duration.milliseconds($0) }
            return try await drive(
                session, .accepted(first: workflow.firstRow),
                RunBudget(left: timeout, of: timeout, compensation: workflow.compensationTimeout), runtime)
        }
        return .accepted
    }

    /// Goes on with a run that is this bridge's now.
    ///
    /// - Parameters:
    ///   - run: The run as Redis has it.
    ///   - id: Its id.
    ///   - workflow: Its workflow.
    ///   - asked: A moment before the run was asked for.
    func goOn(with run: ClaimedRun, as id: String, of workflow: RegisteredWorkflow, since asked: MonotonicInstant) async {
        let record = run.record
        let identity = RunIdentity(
            run: id, workflow: workflow.name, version: workflow.version, bridge: bridge, epoch: record.epoch,
            source: bus.eventSource + workflow.name, trace: record.trace)
        let now = clock.now
        let session = session(
            RunLedger(identity, keys: RunKeys(run: id, bus: bus), goingOnFrom: run, now: now, limits: limits), of: workflow,
            since: asked, onProgress: { [sessions] in sessions.release(id) })
        if let reason = record.cancellation { session.stop(.cancelled(reason: reason)) }
        await drivenToEnd(session) {
            let drive = try workflow.prepare(record.input)
            let left = record.deadline.map { Duration.milliseconds(max(0, $0 - now)) }
            let budget = RunBudget(
                left: left, of: record.timeout.map { .milliseconds($0) }, compensation: workflow.compensationTimeout)
            return try await drive(session, .resumed(rows: try run.log.map { try RowText.decode($0, of: id) }), budget, runtime)
        }
    }

    private func session(
        _ ledger: RunLedger, of workflow: RegisteredWorkflow, since asked: MonotonicInstant,
        onProgress: (@Sendable () -> Void)? = nil
    ) -> RunSession {
        RunSession(
            ledger, lease: LeaseTerm(until: asked.advanced(by: limits.lease), clock: runtime.clock),
            exitStates: workflow.exitStates, rowlessStates: workflow.rowlessStates, level: events.level(of: workflow.name), sender: sender,
            clock: clock,
            engineClock: runtime.clock,
            isDraining: { [sessions] in sessions.isDraining }, onProgress: onProgress)
    }

    private func accepted(
        _ session: RunSession, _ command: StartCommand, _ entry: StreamEntryID, _ row: CheckpointRow, _ notBefore: Int64?
    ) async throws -> RunSession.Acceptance {
        // Only runs that exist can be renewed; a stop must find this one all the same.
        sessions.beginAccepting(session)
        defer { sessions.endAccepting(session) }
        do {
            let acceptance = try await session.accept(command, entry: entry, row: row, notBefore: notBefore)
            // Before it is out of hand: the lease may be over by now, and this bridge would find a run that nobody has.
            if acceptance == .accepted { sessions.add(session) }
            return acceptance
        } catch let relinquished as Relinquished {
            // It may have been accepted all the same.
            giveUp(session, relinquished.reason)
            throw relinquished
        }
    }

    private func drivenToEnd(_ session: RunSession, _ drive: () async throws -> RegisteredWorkflow.Ending) async {
        sessions.add(session)
        defer { sessions.remove(session) }
        // Redis may have answered so late that another bridge has the run by now.
        guard await session.isStillOwner(of: RunID(session.identity.run)) else {
            return giveUp(session, session.control.handoffReason ?? .ownershipLost)
        }
        do {
            let ending: RunEnding
            do {
                switch try await drive() {
                case .completed(let output): ending = .completed(output: output)
                case .relinquished(let reason): return await letGo(session, reason)
                case .suspended: return await letGo(session, .handBack)
                }
            } catch {
                ending = .init(CanoError(error), stopped: session.control.stopReason)
            }
            try await session.finish(ending)
        } catch let relinquished as Relinquished {
            giveUp(session, relinquished.reason)
        } catch {
            logger.error("a run could not be ended", metadata: ["run": "\(session.identity.run)", "error": "\(error)"])
            giveUp(session, .ownershipLost)
        }
    }

    /// Gives a run up whose last step may still wait to be written.
    private func letGo(_ session: RunSession, _ reason: StopReason) async {
        do {
            if reason == .handBack { try await session.writeHeldRow() }
        } catch {
            logger.debug(
                "a step was not written before its run was let go", metadata: ["run": "\(session.identity.run)", "error": "\(error)"])
        }
        giveUp(session, reason)
    }

    private func giveUp(_ session: RunSession, _ reason: StopReason) {
        logger.debug("a run was given up", metadata: ["run": "\(session.identity.run)", "reason": "\(reason)"])
        if reason == .handBack { sessions.handBack([session.identity]) }
    }
}
