import CanoBus
import CanoCore
import CanoRedis
import Synchronization

/// Reads the lists of runs that may be claimed, a page of each at a time.
final class RunSearch: Sendable {
    private let bus: Bus
    private let sessions: Sessions
    private let clock: any EngineClock
    private let lists: [WorkOrder.Kind: [RunList]]
    private let random: RandomSource
    private let state: Mutex<State>

    /// How many runs are read in one look: of each list its share of them, and so many at least.
    private static let page = (all: 512, least: 16)
    /// Of a crowd of due runs bridges read pages at random, among so many, so that they ask for the same ones less often.
    private static let spread = 8.0
    /// How long a run is left alone that could not be taken over, and how many are remembered.
    private static let troubled = (period: Duration.seconds(60), most: 10_000)

    /// What is known of the lists from one look to the next.
    private struct State {
        /// How many runs are passed over at the beginning of each list.
        var passed: [WorkOrder.Kind: [Passed]]
        /// The lists that were read to their end since all of them were.
        var ended: [WorkOrder.Kind: Set<Int>] = [:]
        /// Runs that could not be taken over.
        var troubled: Set<String> = []
        var since: MonotonicInstant
    }

    /// How many runs of a list are passed over.
    private struct Passed {
        var count = 0
        /// Whether that is for other bridges, which are at them; else nothing could be done with them at the last look.
        var isForOthers = false
    }

    /// What a look has found.
    struct Page: Sendable {
        var candidates: [FoundRun] = []
        /// Whether a list goes on behind candidates.
        var isMoreThere = false
        /// Whether a list has ended behind runs that were left to other bridges.
        var leftSome = false
        /// Whether all lists were read to their end by now, in one look or several.
        var isEnd = false
        /// Why a list could not be read, though others could.
        var trouble: RedisError?
        /// When the first run is due of those that are not, in milliseconds since 1970.
        var nextDue: Int64?
    }

    init(_ bus: Bus, registry: WorkflowRegistry, sessions: Sessions, clock: any EngineClock, random: RandomSource) {
        self.bus = bus
        self.sessions = sessions
        self.clock = clock
        self.random = random
        lists = Dictionary(uniqueKeysWithValues: RunClaimer.kinds.map { ($0, RunList.all(of: $0, in: registry, bus.keys)) })
        state = Mutex(State(passed: lists.mapValues { $0.map { _ in Passed() } }, since: clock.now))
    }

    /// Reads the next page of each list of runs that wait for this reason.
    ///
    /// - Parameters:
    ///   - kind: The reason.
    ///   - isWanted: Whether a run may be taken over now.
    /// - Returns: What was found.
    /// - Throws: ``RedisError`` when Redis can't be reached.
    func page(of kind: WorkOrder.Kind, where isWanted: (ClaimCandidate) -> Bool) async throws(RedisError) -> Page {
        let (lists, now) = (lists[kind] ?? [], bus.clock.now)
        // Those in hand here stand on their lists until Redis has answered.
        let count = max(Self.page.least, Self.page.all / max(1, lists.count)) + sessions.inHandCount
        let passed = state.withLock { $0.passed[kind] ?? [] }
        // With what is due now, when the next one is.
        let later = (kind.isOfDueRuns ? lists : []).map {
            ZRANGEBYSCORE($0.key, from: Double(now + 1), through: .infinity, offset: 0, count: 1)
        }
        let replies = try await bus.redis.pipeline(
            zip(lists, passed).map { list, passed in
                let scores = list.scores(at: now)
                return ZRANGEBYSCORE(list.key, from: scores.lowerBound, through: scores.upperBound, offset: passed.count, count: count)
            } + later)
        var page = Page()
        page.nextDue = replies.dropFirst(lists.count).compactMap(Self.due).min()
        for (index, reply) in replies.prefix(lists.count).enumerated() {
            let list = lists[index]
            do throws(RedisError) {
                let runs = try reply.get().map { String(decoding: $0.member, as: UTF8.self) }
                let candidates = try await candidates(among: runs, of: list).filter(isWanted)
                page.candidates += candidates.map { FoundRun(candidate: $0, list: list) }
                let (isFull, isUseless) = (runs.count == count, candidates.isEmpty)
                if isFull, !isUseless { page.isMoreThere = true }
                if !isFull, passed[index].isForOthers { page.leftSome = true }
                state.withLock { state in
                    if isFull, isUseless {
                        // What is behind a page of which nothing can be taken is looked at next time.
                        state.passed[kind]?[index].count += count
                    } else if isFull {
                        state.passed[kind]?[index] = left(ofPage: count, kind)
                    } else {
                        state.passed[kind]?[index] = Passed()
                        state.ended[kind, default: []].insert(index)
                    }
                }
            } catch {
                guard error.serverError != nil else { throw error }
                page.trouble = page.trouble ?? error
                await bus.wrongKeys.report(among: [list.key], after: error, on: bus.redis)
            }
        }
        page.isEnd = state.withLock { state in
            guard state.ended[kind]?.count == lists.count else { return false }
            state.ended[kind] = []
            return true
        }
        return page
    }

    /// How many of the next runs of a kind are left to other bridges.
    private func left(ofPage count: Int, _ kind: WorkOrder.Kind) -> Passed {
        let left = kind.isOfDueRuns ? Int(random.next() * Self.spread) * count : 0
        return Passed(count: left, isForOthers: left > 0)
    }

    /// The list in which a run waits; nil when its workflow is not here, or the run is in hand or left alone.
    func list(ofWaiting candidate: ClaimCandidate) -> RunList? {
        guard isFree(candidate.run) else { return nil }
        return lists[.wake]?.first { $0.workflow.name == candidate.workflow && $0.version == candidate.version }
    }

    /// Whether a run is neither in hand nor left alone.
    private func isFree(_ run: String) -> Bool { !sessions.isInHand(run) && !state.withLock { $0.troubled.contains(run) } }

    /// When the first of these runs is due, in milliseconds since 1970; nil when that is never, or can't be told: what is no list is reported by
    /// what reads its runs.
    private static func due(_ reply: Result<[(member: RESPBytes, score: Double)], RedisError>) -> Int64? {
        guard case .success(let runs) = reply, let score = runs.first?.score else { return nil }
        return Int64(exactly: score)
    }

    /// Leaves a run alone for a while that could not be taken over.
    func leaveAlone(_ run: String) {
        state.withLock { state in
            if state.troubled.count >= Self.troubled.most { state.troubled.removeAll() }
            state.troubled.insert(run)
        }
    }

    /// Those among listed runs that may be claimed.
    private func candidates(among runs: [String], of list: RunList) async throws(RedisError) -> [ClaimCandidate] {
        guard !runs.isEmpty else { return [] }
        let now = clock.now
        let troubled = state.withLock { state in
            if state.since.duration(to: now) > Self.troubled.period { (state.troubled, state.since) = ([], now) }
            return state.troubled
        }
        let free = runs.filter { run in !troubled.contains(run) && !sessions.isInHand(run) }
        let fields = ClaimCandidate.fields.map(\.rawValue)
        let records = try await bus.redis.pipeline(free.map { HMGET(bus.keys.record(of: $0), fields) })
        var candidates: [ClaimCandidate] = []
        for (run, record) in zip(free, records) {
            // A key that was overwritten is no run, and harms no other.
            guard case .success(let values) = record else {
                bus.wrongKeys.report(bus.keys.record(of: run))
                continue
            }
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
}

/// A run that may be claimed, and the list that it was found in.
struct FoundRun: Sendable {
    let candidate: ClaimCandidate
    let list: RunList
}

extension WorkOrder.Kind {
    /// Whether its runs wait for a moment: many may be due at once.
    fileprivate var isOfDueRuns: Bool { self == .wake || self == .due }
}
