import CanoBus
import CanoCore
import CanoRedis
import Logging
import Synchronization

/// Looks for runs that no bridge works on, and goes on with those this bridge has the workflow of.
///
/// There are three kinds: whose lease expired, for their bridge is dead; whose bridge handed them back; and those that are
/// to start later and are due.
final class RunClaimer: Sendable {
    private let bus: Bus
    private let registry: WorkflowRegistry
    private let execution: RunExecution
    private let slots: RunSlots
    private let heartbeat: Heartbeat
    private let work: InFlightWork
    private let isolation: Mutex<SuspectIsolation>
    /// Runs whose workflow or version isn't here, so that looking past them costs nothing, and since when they are known.
    private let foreign: Mutex<(runs: Set<String>, since: MonotonicInstant)>

    private var runtime: WorkflowRuntime { execution.runtime }
    private var sessions: Sessions { execution.sessions }

    /// How often to look: at random between the two, so that bridges don't look all at once.
    private static let pause = (shortest: Duration.milliseconds(500), longest: Duration.milliseconds(900))
    /// How many runs are looked at in one call.
    private static let page = 128
    /// How many runs of others are remembered, and how long: an id may come again with another workflow.
    private static let maximumForeign = 100_000
    private static let foreignPeriod: Duration = .seconds(60)

    init(
        _ bus: Bus, registry: WorkflowRegistry, execution: RunExecution, slots: RunSlots, heartbeat: Heartbeat, work: InFlightWork
    ) {
        self.bus = bus
        self.registry = registry
        self.execution = execution
        self.slots = slots
        self.heartbeat = heartbeat
        self.work = work
        isolation = Mutex(SuspectIsolation(period: bus.limits.lease))
        foreign = Mutex(([], execution.runtime.clock.now))
    }

    /// Looks now and then until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            do {
                let pause = Self.pause.shortest + (Self.pause.longest - Self.pause.shortest) * runtime.random.next()
                try await runtime.clock.sleep(for: pause)
                try await look()
            } catch let error as RedisError where error.code != .cancelled {
                bus.logger.warning("looking for runs failed and is tried again", metadata: ["error": "\(error)"])
            } catch {
                // Cancelled: the bridge stops.
            }
        }
    }

    /// Looks once.
    func look() async throws {
        try await look(at: bus.keys.leases, from: 0, through: 0)
        try await look(at: bus.keys.timers, from: 0, through: Double(bus.clock.now))
        if heartbeat.mayTakeOver { try await look(at: bus.keys.leases, from: 1, through: Double(bus.clock.now), isTakeover: true) }
    }

    /// Goes through the runs of a list, past those that are not for this bridge.
    private func look(at list: String, from lowest: Double, through highest: Double, isTakeover: Bool = false) async throws {
        var passed = 0
        while true {
            let members = try await bus.redis.execute(
                ZRANGEBYSCORE(list, from: lowest, through: highest, offset: passed, count: Self.page))
            // Suspects come last: they are taken over only when no other is under way.
            let candidates = try await candidates(among: members.map { String(decoding: $0.member, as: UTF8.self) })
                .shuffled().sorted { $0.recoveries < $1.recoveries }
            var taken = 0
            for candidate in candidates where try await take(candidate, isTakeover: isTakeover) { taken += 1 }
            guard members.count == Self.page else { return }
            passed += members.count - taken
        }
    }

    private func candidates(among runs: [String]) async throws(RedisError) -> [ClaimCandidate] {
        let now = runtime.clock.now
        let foreign = foreign.withLock { foreign in
            if foreign.since.duration(to: now) > Self.foreignPeriod { foreign = ([], now) }
            return foreign.runs
        }
        let free = runs.filter { run in !foreign.contains(run) && !sessions.isInHand(run) }
        guard !free.isEmpty else { return [] }
        let fields = ClaimCandidate.fields.map(\.rawValue)
        let records = try await bus.redis.pipeline(free.map { HMGET(bus.keys.record(of: $0), fields) })
        var candidates: [ClaimCandidate] = []
        for (run, record) in zip(free, records) {
            // A key that was overwritten is no run, and harms no other.
            guard case .success(let values) = record else { continue }
            if let candidate = ClaimCandidate(run, values) {
                candidates.append(candidate)
            } else if values.allSatisfy({ $0 == nil }) {
                // Its record was deleted, and what is listed of it goes too.
                let call = Forget(name: run, subject: bus.keys.record(of: run), lists: [bus.keys.leases, bus.keys.timers])
                _ = try await bus.redis.evaluate(call.encoded)
            }
        }
        return candidates
    }

    /// Begins to take a run over, waiting for a slot; false when it is not for this bridge.
    private func take(_ candidate: ClaimCandidate, isTakeover: Bool) async throws -> Bool {
        guard let workflow = registry.workflow(candidate.workflow, version: candidate.version) else {
            foreign.withLock { foreign in
                if foreign.runs.count >= Self.maximumForeign { foreign.runs.removeAll() }
                foreign.runs.insert(candidate.run)
            }
            return false
        }
        try await slots.takeFirst()
        guard sessions.reserve(candidate.run) else {
            slots.give()
            return false
        }
        guard admits(candidate, isTakeover: isTakeover) else {
            sessions.unreserve(candidate.run)
            slots.give()
            return false
        }
        work.begin()
        Task {
            await claim(candidate, of: workflow)
            releaseFromIsolation(candidate.run)
            sessions.unreserve(candidate.run)
            slots.give()
            work.end()
        }
        return true
    }

    private func claim(_ candidate: ClaimCandidate, of workflow: any HostedWorkflow) async {
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
                    return await execution.resume(run, as: candidate.run, of: workflow, askedAt: asked) { [self] in
                        releaseFromIsolation(candidate.run)
                    }
                case .replies(let listed):
                    names = listed
                case .quarantined:
                    return logger.error("a run was quarantined: it was taken over too often", metadata: ["run": "\(candidate.run)"])
                case .refused:
                    return
                }
            }
        } catch is Relinquished {
            // The bridge stops.
        } catch {
            logger.error("a run could not be taken over", metadata: ["run": "\(candidate.run)", "error": "\(error)"])
        }
    }

    // MARK: Runs that may kill their bridge

    private func admits(_ candidate: ClaimCandidate, isTakeover: Bool) -> Bool {
        let takeovers = candidate.recoveries + (isTakeover ? 1 : 0)
        // A run that was handed back, or is due, has killed no bridge.
        guard isTakeover || takeovers >= SuspectIsolation.suspectTakeovers else { return true }
        return isolation.withLock { $0.admits(candidate.run, takeovers: takeovers, at: runtime.clock.now) }
    }

    /// The run has come a step further, or is no longer here.
    private func releaseFromIsolation(_ run: String) { isolation.withLock { $0.release(run) } }
}
