import CanoBus
import CanoCore
import CanoRedis
import CanoRedisStores
import Logging
import Synchronization

/// The main road: a command becomes a run here, or a run that another bridge left goes on, and comes to its end.
final class RunExecution: Sendable {
    private let bus: Bus
    let sessions: Sessions
    private let handBacks: HandBacks
    private let levels: EventLevels
    let runtime: WorkflowRuntime
    /// The stores that runs share.
    private let sharedStores: RedisStores
    /// The runs that are kept in memory while they wait.
    let held: HeldRuns
    private let work: InFlightWork
    /// Called with the parent of a child that has ended here, and whether it has what it waits for now.
    private let onParentTold = Mutex<(@Sendable (_ parent: String, _ woke: Bool) -> Void)?>(nil)

    init(
        bus: Bus, sessions: Sessions, handBacks: HandBacks, levels: EventLevels, runtime: WorkflowRuntime, sharedStores: RedisStores,
        held: HeldRuns, work: InFlightWork
    ) {
        self.bus = bus
        self.sessions = sessions
        self.handBacks = handBacks
        self.levels = levels
        self.runtime = runtime
        self.sharedStores = sharedStores
        self.held = held
        self.work = work
    }

    /// Has parents go on at once whose children end here; without it they are found at the next look.
    func whenParentIsTold(_ body: @escaping @Sendable (_ parent: String, _ woke: Bool) -> Void) {
        onParentTold.withLock { $0 = body }
    }

    /// Begins the run of a start command.
    ///
    /// - Returns: What became of the command, and the run that is under way now; nil where none is.
    /// - Throws: ``Relinquished`` when the bridge stopped before Redis answered the acceptance; ``RedisError`` when one of
    ///   the run's keys holds something else.
    func begin(
        _ command: StartCommand, _ run: any PreparedRun, of workflow: any HostedWorkflow, entry: StreamEntryID, notBefore: Int64?
    ) async throws -> (answer: Accept.Answer, run: BegunRun?) {
        let beginning = BeginningOfTrace(of: command, by: runtime.tracer)
        let identity = bus.identity(
            of: command.run, workflow: workflow.name, version: workflow.version, epoch: 1, trace: beginning.trace)
        let ledger = RunLedger(
            identity, keys: RunKeys(run: command.run, bus: bus.keys), replyNames: command.replyName ?? "", startedAt: bus.clock.now,
            limits: bus.limits)
        let session = session(ledger, askedAt: runtime.clock.now)
        let task = RunTask(session, inputBytes: command.input.utf8.count)
        let host = host(task, of: workflow)
        let answer = try await beginning.during { try await accept(command, entry, workflow.firstRow, notBefore, by: session) }
        guard answer == .accepted else { return (answer, nil) }
        bus.metrics?.count(.runsStarted, workflow.name)
        tellFirstRow(of: workflow, to: host)
        let budget = RunBudget(
            left: command.timeout.map { .milliseconds($0) }, spent: .zero, compensation: workflow.compensationTimeout)
        let begun = await begin(task) { [runtime] in try await run.drive(from: .accepted, within: budget, on: host, in: runtime) }
        return (answer, begun)
    }

    /// Goes on with a run that is this bridge's now.
    ///
    /// - Parameters:
    ///   - claimed: The run as Redis has it.
    ///   - id: Its id.
    ///   - workflow: Its workflow.
    ///   - asked: A moment before the run was asked for.
    ///   - onProgress: Called when the run has come a step further.
    /// - Returns: The run; nil where it goes on elsewhere already.
    func resume(
        _ claimed: ClaimedRun, as id: String, of workflow: any HostedWorkflow, askedAt asked: MonotonicInstant,
        onProgress: (@Sendable () -> Void)? = nil
    ) async -> BegunRun? {
        let record = claimed.record
        let now = bus.clock.now
        let identity = bus.identity(
            of: id, workflow: workflow.name, version: workflow.version, epoch: record.epoch, trace: record.trace)
        let session = session(
            RunLedger(identity, keys: RunKeys(run: id, bus: bus.keys), continuing: claimed, now: now, limits: bus.limits), askedAt: asked)
        let task = RunTask(session, inputBytes: record.input.utf8.count)
        let host = host(task, of: workflow, onProgress: onProgress)
        session.inbox.deliver(claimed.inbox.received)
        if let reason = record.cancellation { session.stop(.cancelled(reason: reason)) }
        let left = record.deadline.map { max(0, $0 - now) }
        let spent = record.timeout.flatMap { timeout in left.map { max(0, timeout - $0) } }
        let budget = RunBudget(
            left: left.map { .milliseconds($0) }, spent: .milliseconds(spent ?? 0), compensation: workflow.compensationTimeout)
        return await begin(task) { [self] in
            let run = try workflow.prepare(record.input)
            let rows = try claimed.log.map { try RowCodec.decode($0, of: RunID(id)) }
            session.withLedger { $0.goesOn(from: rows) }
            // The first owner of a run that was to begin later has begun it with its claim.
            if record.epoch == 1 {
                bus.metrics?.count(.runsStarted, workflow.name)
                tellFirstRow(of: workflow, to: host)
                return try await run.drive(from: .accepted, within: budget, on: host, in: runtime)
            }
            return try await run.drive(from: .resumed(rows), within: budget, on: host, in: runtime)
        }
    }

    /// The script that began the run has written its first row, which the engine therefore doesn't tell of.
    private func tellFirstRow(of workflow: any HostedWorkflow, to host: RunHost) {
        host.observer.workflow(host.run, did: .checkpointWritten(sequence: workflow.firstRow.sequence, kind: workflow.firstRow.kind))
    }

    /// Goes on with a run that was held here, and is this bridge's again, or is so with its next step.
    ///
    /// - Parameters:
    ///   - task: What drives it.
    ///   - waking: What has changed.
    ///   - asked: A moment before the run was asked for.
    func goOn(with task: RunTask, _ waking: HeldRunWaking, askedAt asked: MonotonicInstant) async {
        let (session, before) = (task.session, task.session.identity)
        let identity = bus.identity(
            of: before.run, workflow: before.workflow, version: before.version, epoch: before.epoch + 1, trace: before.trace)
        let end = asked.advanced(by: bus.limits.lease)
        switch waking {
        case .woken(let woken):
            session.takeUp(woken, as: identity, until: end)
            sessions.add(session)
            held.wake(task, with: woken.inbox.received)
        case .answered(let answer):
            session.goOn(with: answer.taken, as: identity, until: end) { [sessions] outcome in
                switch outcome {
                case .taken(let goesOn):
                    // Only what is this bridge's is renewed.
                    if goesOn { sessions.add(session) }
                    answer.whenSettled(true)
                case .left: answer.whenSettled(false)
                }
            }
            held.wake(task, with: [answer.signal])
        }
        await follow(task)
    }

    /// Begins to drive a run; nil where it goes on elsewhere.
    private func begin(_ task: RunTask, _ drive: @escaping @Sendable () async throws -> DriveEnd) async -> BegunRun? {
        let session = task.session
        sessions.add(session)
        // Redis may have answered so late that another bridge has the run by now.
        guard await session.isStillOwner() else {
            handOver(session, session.control.handoffReason ?? .ownershipLost)
            sessions.remove(session)
            return nil
        }
        let trace = session.identity.trace
        work.begin()
        task.begin { [work, runtime] in
            defer { work.end() }
            return try await trace.within(runtime.instrument, drive)
        }
        return BegunRun(task: task, execution: self)
    }

    /// Follows a run that is driven until it is put down or over, and writes down how it ended.
    func follow(_ task: RunTask) async {
        let session = task.session
        defer {
            sessions.remove(session)
            session.leaveAnswer()
        }
        do {
            let ending: RunEnding
            do {
                switch try await task.untilStop() {
                case .completed(let output): ending = .completed(output: output)
                case .waiting: return bus.logger.debug("a run waits", metadata: ["run": "\(session.run)"])
                case .relinquished(let reason): return await release(session, reason)
                }
            } catch {
                ending = RunEnding(CanoError(error), stopped: session.control.stopReason)
            }
            let parentWoke = try await session.finish(ending)
            count(ending, of: session)
            tell(ending, of: session)
            if let parentWoke, let child = ChildName(session.run) {
                onParentTold.withLock { $0 }?(child.parent, parentWoke)
            }
        } catch let relinquished as Relinquished {
            handOver(session, relinquished.reason)
        } catch {
            bus.logger.error("a run could not be ended", metadata: ["run": "\(session.run)", "error": "\(error)"])
            handOver(session, .ownershipLost)
        }
    }

    private func count(_ ending: RunEnding, of session: RunSession) {
        guard let metrics = bus.metrics else { return }
        let workflow = session.identity.workflow
        metrics.count(.runsEnded, workflow, ending.status.rawValue)
        let started = session.withLedger { $0.startedAt }
        metrics.record(.runDuration, .milliseconds(max(0, bus.clock.now - started)), workflow)
    }

    /// Says what needs a look: a run that has failed, or could not be undone whole.
    private func tell(_ ending: RunEnding, of session: RunSession) {
        guard let failure = ending.failure else { return }
        let run = session.identity
        bus.logger.warning(
            ending.status == .failed ? "a run has failed" : "a cancelled run could not be undone whole",
            metadata: [
                "run": "\(run.run)", "workflow": "\(run.workflow)", "version": "\(run.version)",
                "state": "\(session.withLedger { $0.state })",
                "code": "\(failure.code)", "message": "\(failure.message)", "rollback": "\((ending.rollback ?? .none).rawValue)",
            ])
    }

    private func accept(
        _ command: StartCommand, _ entry: StreamEntryID, _ row: CheckpointRow, _ notBefore: Int64?, by session: RunSession
    ) async throws -> Accept.Answer {
        // Only runs that exist can be renewed; a stop must find this one all the same.
        sessions.beginAccepting(session)
        defer { sessions.endAccepting(session) }
        do {
            let answer = try await session.accept(command, entry: entry, row: row, notBefore: notBefore)
            // While it is still among those being accepted: the lease may be over by now, and this bridge would find a run without a
            // session.
            if answer == .accepted { sessions.add(session) }
            return answer
        } catch let relinquished as Relinquished {
            // It may have been accepted all the same.
            handOver(session, relinquished.reason)
            throw relinquished
        }
    }

    /// Releases a run whose last step may still wait to be written.
    private func release(_ session: RunSession, _ reason: StopReason) async {
        do {
            if reason == .handBack { try await session.writeHeldRow() }
        } catch {
            bus.logger.debug(
                "a step was not written before its run was handed over",
                metadata: ["run": "\(session.run)", "error": "\(error)"])
        }
        handOver(session, reason)
    }

    private func handOver(_ session: RunSession, _ reason: StopReason) {
        bus.logger.debug("a run goes on elsewhere", metadata: ["run": "\(session.run)", "reason": "\(reason)"])
        // A run whose answer no step has taken waits in Redis, and there is nothing to hand back.
        guard reason == .handBack, !session.hasAnswerInHand else { return }
        bus.metrics?.count(.handBacks)
        handBacks.add([session.identity])
    }

    // MARK: A session and its host

    private func session(_ ledger: RunLedger, askedAt asked: MonotonicInstant) -> RunSession {
        RunSession(ledger, lease: Lease(until: asked.advanced(by: bus.limits.lease), clock: runtime.clock), on: bus)
    }

    private func host(
        _ task: RunTask, of workflow: any HostedWorkflow, onProgress: (@Sendable () -> Void)? = nil
    ) -> RunHost {
        let session = task.session
        return RunHost(
            run: RunID(session.run), control: session.control, inbox: session.inbox,
            log: SessionLog(
                task: task, held: held, clock: runtime.clock, exitStates: workflow.exitStates,
                isDraining: { [sessions] in sessions.isDraining }, onProgress: onProgress),
            store: SessionStore(session: session),
            sharedStores: SessionSharedStores(session: session, stores: sharedStores, clock: runtime.clock),
            observer: SessionObserver(
                session: session, mapper: RunEventMapper(level: levels.level(of: workflow.name)), exitStates: workflow.exitStates,
                rowlessStates: workflow.rowlessStates))
    }
}
