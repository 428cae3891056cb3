import CanoCore
import CanoRedis
import Logging

/// Drives one run on this bridge: takes it, runs it on the engine, and writes down how it ended.
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
        _ command: StartCommand, of workflow: RegisteredWorkflow, entry: StreamEntryID, drive: RegisteredWorkflow.Drive
    ) async throws -> RunSession.Acceptance {
        let identity = RunIdentity(
            run: command.run, workflow: workflow.name, version: workflow.version, bridge: bridge, epoch: 1,
            source: bus.eventSource + workflow.name, trace: command.trace)
        let ledger = RunLedger(
            identity, keys: RunKeys(run: command.run, bus: bus), replyNames: command.replyName ?? "", startedAt: clock.now,
            limits: limits)
        let session = RunSession(
            ledger, control: RunControl(unexplainedCancellation: .handBack), exitStates: workflow.exitStates,
            level: events.level(of: workflow.name), sender: sender, clock: clock, isDraining: { [sessions] in sessions.isDraining })

        let acceptance = try await accepted(session, command, entry, workflow.firstRow)
        guard acceptance == .accepted else { return acceptance }
        sessions.add(session)
        defer { sessions.remove(session) }
        await drivenToEnd(session) { try await drive(session, [workflow.firstRow], runtime) }
        return .accepted
    }

    private func accepted(
        _ session: RunSession, _ command: StartCommand, _ entry: StreamEntryID, _ row: CheckpointRow
    ) async throws -> RunSession.Acceptance {
        // Only runs that exist can be renewed; a stop must find this one all the same.
        sessions.beginAccepting(session)
        defer { sessions.endAccepting(session) }
        do {
            return try await session.accept(command, entry: entry, row: row)
        } catch let relinquished as Relinquished {
            // It may have been accepted all the same.
            giveUp(session, relinquished.reason)
            throw relinquished
        }
    }

    private func drivenToEnd(_ session: RunSession, _ drive: () async throws -> RegisteredWorkflow.Ending) async {
        do {
            let ending: RunEnding
            do {
                switch try await drive() {
                case .completed(let output): ending = .completed(output: output)
                case .relinquished(let reason): return giveUp(session, reason)
                case .suspended: return giveUp(session, .handBack)
                }
            } catch {
                ending = .failed(CanoError(error))
            }
            try await session.finish(ending)
        } catch let relinquished as Relinquished {
            giveUp(session, relinquished.reason)
        } catch {
            logger.error("a run could not be ended", metadata: ["run": "\(session.identity.run)", "error": "\(error)"])
            giveUp(session, .ownershipLost)
        }
    }

    private func giveUp(_ session: RunSession, _ reason: StopReason) {
        logger.debug("a run was given up", metadata: ["run": "\(session.identity.run)", "reason": "\(reason)"])
        if reason == .handBack { sessions.handBack([session.identity]) }
    }
}
