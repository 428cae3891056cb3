import CanoCore
import CanoRedis
import Logging
import Synchronization

/// Looks for runs nobody works on, and goes on with those this bridge has the workflow of.
///
/// There are three kinds: whose lease expired, for their bridge is dead; whose bridge handed them back; and those that are
/// to start later and are due.
final class RunClaimer: Sendable {
    let bus: BusKeys
    let letter: ClaimLetter
    let registry: WorkflowRegistry
    let runner: RunRunner
    let redis: RedisClient
    let sender: ScriptSender
    let slots: RunSlots
    let heartbeat: Heartbeat
    let work: WorkInHand
    let runtime: WorkflowRuntime
    let clock: BusClock
    let logger: Logger
    /// Runs whose workflow or version isn't here, so that looking past them costs nothing, and since when they are known.
    private let foreign: Mutex<(runs: Set<String>, since: MonotonicInstant)>

    /// How often to look: at random between the two, so that bridges don't look all at once.
    private static let pause = (shortest: Duration.milliseconds(500), longest: Duration.milliseconds(900))
    /// How many runs are looked at in one call.
    private static let page = 128
    /// How many runs of others are remembered, and how long: an id may come again with another workflow.
    private static let maximumForeign = 100_000
    private static let foreignPeriod: Duration = .seconds(60)

    init(
        bus: BusKeys, bridge: String, registry: WorkflowRegistry, runner: RunRunner, redis: RedisClient, sender: ScriptSender,
        slots: RunSlots, heartbeat: Heartbeat, work: WorkInHand, runtime: WorkflowRuntime, clock: BusClock, limits: BusLimits,
        logger: Logger
    ) {
        self.bus = bus
        letter = ClaimLetter(bus: bus, bridge: bridge, limits: limits)
        self.registry = registry
        self.runner = runner
        self.redis = redis
        self.sender = sender
        self.slots = slots
        self.heartbeat = heartbeat
        self.work = work
        self.runtime = runtime
        self.clock = clock
        self.logger = logger
        foreign = Mutex(([], runtime.clock.now))
    }

    /// Looks now and then until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            do {
                let pause = Self.pause.shortest + (Self.pause.longest - Self.pause.shortest) * runtime.random.next()
                try await runtime.clock.sleep(for: pause)
                try await look()
            } catch let error as RedisError where error.code != .cancelled {
                logger.warning("looking for runs failed and is tried again", metadata: ["error": "\(error)"])
            } catch {
                // Cancelled: the bridge stops.
            }
        }
    }

    private func look() async throws {
        try await look(at: bus.leases, from: 0, through: 0)
        try await look(at: bus.timers, from: 0, through: Double(clock.now))
        if heartbeat.mayTakeOver { try await look(at: bus.leases, from: 1, through: Double(clock.now), isTakeover: true) }
    }

    /// Goes through the runs of a list, past those that are not for this bridge.
    private func look(at list: String, from lowest: Double, through highest: Double, isTakeover: Bool = false) async throws {
        var passed = 0
        while true {
            let members = try await redis.execute(
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
        let free = runs.filter { run in !foreign.contains(run) && !runner.sessions.isInHand(run) }
        guard !free.isEmpty else { return [] }
        let reads = free.map { HMGET(bus.record(of: $0), ClaimCandidate.fields) }
        var candidates: [ClaimCandidate] = []
        for (run, values) in zip(free, try await redis.pipeline(reads)) {
            // A key that somebody overwrote is no run, and harms no other.
            guard case .success(let values) = values else { continue }
            if let candidate = ClaimCandidate(run, values) {
                candidates.append(candidate)
            } else if values.allSatisfy({ $0 == nil }) {
                // Its record was deleted, and what is listed of it goes too.
                _ = try await redis.evaluate(letter.forget(run))
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
        let takeovers = candidate.recoveries + (isTakeover ? 1 : 0)
        // A run that was handed back, or is due, has killed nobody.
        let isTried = isTakeover || takeovers >= SuspectIsolation.suspectTakeovers
        guard runner.sessions.reserve(candidate.run) else {
            slots.give()
            return false
        }
        guard !isTried || runner.sessions.admits(candidate.run, takeovers: takeovers, at: runtime.clock.now) else {
            runner.sessions.unreserve(candidate.run)
            slots.give()
            return false
        }
        work.begin()
        Task {
            await goOn(with: candidate, of: workflow)
            runner.sessions.release(candidate.run)
            runner.sessions.unreserve(candidate.run)
            slots.give()
            work.end()
        }
        return true
    }

    private func goOn(with candidate: ClaimCandidate, of workflow: RegisteredWorkflow) async {
        do {
            var names = ""
            while true {
                let asked = runtime.clock.now
                let replyNames = names
                // Made anew each time it is sent: after an outage nobody may be taken for dead.
                let answer = try await sender.send(waitsForRepair: false) { [self] in
                    letter.claim(
                        candidate, of: workflow, mayTakeOver: heartbeat.mayTakeOver, replyNames: replyNames, now: clock.now)
                }
                switch try ClaimAnswer(answer, about: candidate.run) {
                case .claimed(let run):
                    logger.info(
                        "a run goes on here",
                        metadata: ["run": "\(candidate.run)", "epoch": "\(run.record.epoch)", "recoveries": "\(run.record.recoveries)"])
                    return await runner.goOn(with: run, as: candidate.run, of: workflow, since: asked)
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
}
