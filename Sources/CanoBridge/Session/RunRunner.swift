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
    /// - Throws: ``Relinquished`` when the bridge stopped before Redis answered the acceptance.
    func run(
        _ command: StartCommand, of workflow: RegisteredWorkflow, entry: StreamEntryID, drive: RegisteredWorkflow.Drive
    ) async throws {
        let identity = RunIdentity(
            run: command.run, workflow: workflow.name, version: workflow.version, bridge: bridge, epoch: 1,
            source: bus.eventSource + workflow.name, trace: command.trace)
        let ledger = RunLedger(
            identity, keys: RunKeys(run: command.run, bus: bus), replyNames: command.replyName ?? "", startedAt: clock.now,
            limits: limits)
        let session = RunSession(
            ledger, control: RunControl(unexplainedCancellation: .handBack), exitStates: workflow.exitStates,
            level: events.level(of: workflow.name), sender: sender, clock: clock, isDraining: { [sessions] in sessions.isDraining })

        guard case .accepted = try await session.accept(command, entry: entry, row: workflow.firstRow) else { return }
        sessions.add(session)
        defer { sessions.remove(session) }
        await drivenToEnd(session) { try await drive(session, [workflow.firstRow], runtime) }
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
        if reason == .handBack { sessions.handBack(session) }
    }
}
