import CanoBus
import CanoCore
import CanoRedis
import Logging
import Synchronization

/// Looks for runs that no bridge works on, and goes on with those this bridge has the workflow of.
///
/// There are three kinds: whose bridge handed them back; whose lease expired, for their bridge is dead; and those that are
/// to start later and are due. Each is looked for by itself, and waits for slots by itself.
final class RunClaimer: Sendable {
    private let bus: Bus
    private let execution: RunExecution
    private let slots: RunSlots
    private let heartbeat: Heartbeat
    private let work: InFlightWork
    private let search: RunSearch
    private let isolation: Mutex<SuspectIsolation>

    private var runtime: WorkflowRuntime { execution.runtime }
    private var sessions: Sessions { execution.sessions }

    /// The kinds of work it looks for.
    static let kinds: [WorkOrder.Kind] = [.handBack, .takeover, .due]
    /// How often to look: at random between the two, so that bridges don't look all at once.
    private static let pause = (shortest: Duration.milliseconds(500), longest: Duration.milliseconds(900))

    init(
        _ bus: Bus, registry: WorkflowRegistry, execution: RunExecution, slots: RunSlots, heartbeat: Heartbeat, work: InFlightWork
    ) {
        self.bus = bus
        self.execution = execution
        self.slots = slots
        self.heartbeat = heartbeat
        self.work = work
        search = RunSearch(bus, registry: registry, sessions: execution.sessions, clock: execution.runtime.clock)
        isolation = Mutex(SuspectIsolation(period: bus.limits.lease))
    }

    /// Looks now and then until the task is cancelled.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            for kind in Self.kinds { group.addTask { await self.run(kind) } }
        }
    }

    private func run(_ kind: WorkOrder.Kind) async {
        var isMoreThere = false
        while !Task.isCancelled {
            do {
                if !isMoreThere {
                    let pause = Self.pause.shortest + (Self.pause.longest - Self.pause.shortest) * runtime.random.next()
                    try await runtime.clock.sleep(for: pause)
                }
                isMoreThere = false
                isMoreThere = try await look(for: kind)
            } catch let error as RedisError where error.code != .cancelled {
                bus.logger.warning("looking for runs failed and is tried again", metadata: ["error": "\(error)"])
            } catch {
                // Cancelled: the bridge stops.
            }
        }
    }

    /// Looks once for runs of one kind, and begins with each once its turn for a slot has come; whether it is worth looking again at once.
    @discardableResult func look(for kind: WorkOrder.Kind) async throws -> Bool {
        guard kind != .takeover || heartbeat.mayTakeOver else { return false }
        let found = try await search.page(of: kind) { isWanted($0, kind) }
        if kind == .takeover, found.isEnd { isolation.withLock { $0.allWereSeen() } }
        // In an order of its own, so that bridges don't race for the same ones; suspects last: they are taken over only when no other
        // is under way.
        let candidates = found.candidates.shuffled().sorted { $0.candidate.recoveries < $1.candidate.recoveries }
        var isAnyBegun = false
        try await slots.begin(candidates, as: kind) { found in
            let isBegun = begin(found.candidate, of: found.list)
            if isBegun { isAnyBegun = true }
            return isBegun
        }
        if let trouble = found.trouble { throw trouble }
        return found.isMoreThere && isAnyBegun
    }

    // MARK: Claiming

    /// Begins to take a run over that has its slot; false when it is in hand already, or not to be taken over now.
    private func begin(_ candidate: ClaimCandidate, of list: RunList) -> Bool {
        guard sessions.reserve(candidate.run) else { return false }
        guard admits(candidate, list.kind) else {
            sessions.unreserve(candidate.run)
            return false
        }
        work.begin()
        Task {
            let isHere = await claim(candidate, of: list.workflow)
            releaseFromIsolation(candidate.run)
            sessions.unreserve(candidate.run)
            slots.give(unusedBy: isHere ? nil : list.kind)
            work.end()
        }
        return true
    }

    /// Asks for a run and carries it out; false when it is not to be had.
    private func claim(_ candidate: ClaimCandidate, of workflow: any HostedWorkflow) async -> Bool {
        let logger = bus.logger
        do {
            var names = ""
            while true {
                let asked = runtime.clock.now
                let replyNames = names
                // Made anew each time it is sent: after an outage no bridge may be taken for dead.
                let answer = try await bus.scripts.send(waitsForRepair: false) { [bus, heartbeat] in
                    Claim(
                        bus: bus, candidate: candidate, version: workflow.version, firstRow: workflow.firstRow,
                        mayTakeOver: heartbeat.mayTakeOver, replyNames: replyNames, made: bus.clock.now)
                }
                switch answer {
                case .claimed(let run):
                    logger.info(
                        "a run goes on here",
                        metadata: ["run": "\(candidate.run)", "epoch": "\(run.record.epoch)", "recoveries": "\(run.record.recoveries)"])
                    await execution.resume(run, as: candidate.run, of: workflow, askedAt: asked) { [self] in
                        releaseFromIsolation(candidate.run)
                    }
                    return true
                case .replies(let listed):
                    names = listed
                case .quarantined:
                    logger.error("a run was quarantined: it was taken over too often", metadata: ["run": "\(candidate.run)"])
                    return false
                case .refused:
                    return false
                }
            }
        } catch is Relinquished {
            // The bridge stops.
        } catch {
            logger.error("a run could not be taken over", metadata: ["run": "\(candidate.run)", "error": "\(error)"])
            search.leaveAlone(candidate.run)
            await bus.wrongKeys.report(
                among: [
                    bus.keys.record(of: candidate.run), bus.keys.log(of: candidate.run), bus.keys.runStore(of: candidate.run),
                    bus.keys.leases(of: workflow.name, version: workflow.version),
                    bus.keys.timers(of: candidate.workflow, version: candidate.version), bus.keys.events, bus.keys.deadLetters,
                ], after: error, on: bus.redis)
        }
        return false
    }

    // MARK: Runs that may kill their bridge

    private func isWanted(_ candidate: ClaimCandidate, _ kind: WorkOrder.Kind) -> Bool {
        guard let takeovers = takeovers(of: candidate, kind) else { return true }
        return isolation.withLock { $0.wants(takeovers: takeovers, at: runtime.clock.now) }
    }

    private func admits(_ candidate: ClaimCandidate, _ kind: WorkOrder.Kind) -> Bool {
        guard let takeovers = takeovers(of: candidate, kind) else { return true }
        return isolation.withLock { $0.admits(candidate.run, takeovers: takeovers, at: runtime.clock.now) }
    }

    /// How often a run was taken over in a row, this time included; nil for one that was handed back or is due and has killed no bridge.
    private func takeovers(of candidate: ClaimCandidate, _ kind: WorkOrder.Kind) -> Int? {
        let takeovers = candidate.recoveries + (kind == .takeover ? 1 : 0)
        return kind == .takeover || takeovers >= SuspectIsolation.suspectTakeovers ? takeovers : nil
    }

    /// The run has come a step further, or is no longer here.
    private func releaseFromIsolation(_ run: String) { isolation.withLock { $0.release(run) } }
}
