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
    private let lists: [WorkOrder.Kind: [RunList]]
    private let isolation: Mutex<SuspectIsolation>
    private let scan: Mutex<Scan>

    private var runtime: WorkflowRuntime { execution.runtime }
    private var sessions: Sessions { execution.sessions }

    /// The kinds of work it looks for.
    static let kinds: [WorkOrder.Kind] = [.handBack, .takeover, .due]
    /// How often to look: at random between the two, so that bridges don't look all at once.
    private static let pause = (shortest: Duration.milliseconds(500), longest: Duration.milliseconds(900))
    /// How many runs are looked at in one look, of each list that many or its share.
    private static let page = (all: 128, least: 16)
    /// How long a run is left alone that could not be taken over, and how many are remembered.
    private static let troubled = (period: Duration.seconds(60), most: 10_000)

    /// What is known of the lists from one look to the next.
    private struct Scan {
        /// How many runs are passed over at the beginning of each list: they are in hand, or nothing can be done with them.
        var passed: [String: Int] = [:]
        /// Runs that could not be taken over.
        var troubled: Set<String> = []
        var since: MonotonicInstant
    }

    init(
        _ bus: Bus, registry: WorkflowRegistry, execution: RunExecution, slots: RunSlots, heartbeat: Heartbeat, work: InFlightWork
    ) {
        self.bus = bus
        self.execution = execution
        self.slots = slots
        self.heartbeat = heartbeat
        self.work = work
        lists = Dictionary(uniqueKeysWithValues: Self.kinds.map { ($0, RunList.all(of: $0, in: registry, bus.keys)) })
        isolation = Mutex(SuspectIsolation(period: bus.limits.lease))
        scan = Mutex(Scan(since: execution.runtime.clock.now))
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

    /// Looks once for runs of one kind, and begins with each once its turn for a slot has come; whether more are there.
    @discardableResult func look(for kind: WorkOrder.Kind) async throws -> Bool {
        guard kind != .takeover || heartbeat.mayTakeOver else { return false }
        let found = try await page(of: lists[kind] ?? [])
        // In an order of its own, so that bridges don't race for the same ones; suspects last: they are taken over only when no other
        // is under way.
        let candidates = found.candidates.shuffled().sorted { $0.candidate.recoveries < $1.candidate.recoveries }
        try await slots.begin(candidates, as: kind) { begin($0.candidate, of: $0.list) }
        if let trouble = found.trouble { throw trouble }
        return found.isMoreThere
    }

    // MARK: Reading the lists

    /// A page of each list.
    private struct Page {
        var candidates: [(candidate: ClaimCandidate, list: RunList)] = []
        /// Whether a list goes on behind candidates.
        var isMoreThere = false
        /// Why a list could not be read, though others could.
        var trouble: RedisError?
    }

    private func page(of lists: [RunList]) async throws(RedisError) -> Page {
        let now = bus.clock.now
        let count = max(Self.page.least, Self.page.all / max(1, lists.count))
        let offsets = scan.withLock { scan in lists.map { scan.passed[$0.key] ?? 0 } }
        let replies = try await bus.redis.pipeline(
            zip(lists, offsets).map { list, offset in
                let scores = list.scores(at: now)
                return ZRANGEBYSCORE(list.key, from: scores.lowerBound, through: scores.upperBound, offset: offset, count: count)
            })
        var page = Page()
        for (index, reply) in replies.enumerated() {
            let list = lists[index]
            do throws(RedisError) {
                let runs = try reply.get().map { String(decoding: $0.member, as: UTF8.self) }
                let candidates = try await candidates(among: runs, of: list)
                page.candidates += candidates.map { ($0, list) }
                let isFull = runs.count == count
                if isFull, !candidates.isEmpty { page.isMoreThere = true }
                // What is behind a page of which nothing can be taken is looked at next time.
                let passed = isFull && candidates.isEmpty ? offsets[index] + count : 0
                scan.withLock { $0.passed[list.key] = passed }
            } catch  where error.serverError != nil {
                page.trouble = page.trouble ?? error
            }
        }
        return page
    }

    /// Those among listed runs that may be claimed.
    private func candidates(among runs: [String], of list: RunList) async throws(RedisError) -> [ClaimCandidate] {
        guard !runs.isEmpty else { return [] }
        let now = runtime.clock.now
        let troubled = scan.withLock { scan in
            if scan.since.duration(to: now) > Self.troubled.period { (scan.troubled, scan.since) = ([], now) }
            return scan.troubled
        }
        let free = runs.filter { run in !troubled.contains(run) && !sessions.isInHand(run) }
        let fields = ClaimCandidate.fields.map(\.rawValue)
        let records = try await bus.redis.pipeline(free.map { HMGET(bus.keys.record(of: $0), fields) })
        var candidates: [ClaimCandidate] = []
        for (run, record) in zip(free, records) {
            // A key that was overwritten is no run, and harms no other.
            guard case .success(let values) = record else { continue }
            let candidate = ClaimCandidate(run, values)
            if let candidate, candidate.workflow == list.workflow.name, candidate.version == list.version {
                candidates.append(candidate)
            } else if candidate != nil || values.allSatisfy({ $0 == nil }) {
                // Its record was deleted, or is of another life of its id: what is listed of it goes too.
                let call = Forget(
                    name: run, subject: bus.keys.record(of: run), lists: [list.key],
                    unless: [(.workflow, list.workflow.name), (.version, list.version ?? "")])
                _ = try await bus.redis.evaluate(call.encoded)
            }
        }
        return candidates
    }

    // MARK: Claiming

    /// Begins to take a run over that has its slot; false when it is in hand already, or not to be taken over now.
    private func begin(_ candidate: ClaimCandidate, of list: RunList) -> Bool {
        guard sessions.reserve(candidate.run) else { return false }
        guard admits(candidate, isTakeover: list.kind == .takeover) else {
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
            scan.withLock { scan in
                if scan.troubled.count >= Self.troubled.most { scan.troubled.removeAll() }
                scan.troubled.insert(candidate.run)
            }
        }
        return false
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
