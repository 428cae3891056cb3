import CanoBus
import CanoCore
import CanoRedis
import Logging
import Synchronization

/// Says of which workflows runs wait that no live bridge has: after a deployment that forgot a version, nothing else would.
///
/// The bus remembers what bridges have had, and runs are listed by workflow and version, so a look costs two calls, and four more for each
/// workflow that is gone and has left runs behind.
final class UnservedRuns: Sendable {
    private let bus: Bus
    private let counts: UnservedRunCounts
    private let state = Mutex(State())

    private struct State {
        /// Those without runs, each with when a bridge had it last: as long as none has it again, it has none.
        var empty: [String: Double] = [:]
        /// Those whose runs wait, and whether that was told.
        var waiting: [String: Bool] = [:]
    }

    /// A workflow that no live bridge has, in one version, or in any where that is empty.
    private struct Gone {
        let member: String
        let last: Double
        let workflow: String
        let version: String
    }

    /// - Parameters:
    ///   - bus: The bus to look at.
    ///   - counts: What all shards have together, for the metric.
    init(_ bus: Bus, counts: UnservedRunCounts = UnservedRunCounts()) {
        self.bus = bus
        self.counts = counts
    }

    /// Looks once. What is found twice in a row is told, so that a bridge has a moment to be replaced.
    ///
    /// - Throws: ``RedisError``.
    func look() async throws(RedisError) {
        guard let gone = try await gone() else { return }
        var counts: [String: Int] = [:]
        for workflow in gone where state.withLock({ $0.empty[workflow.member] != workflow.last }) {
            guard let (all, waiting) = try await runs(of: workflow) else { continue }
            if all == 0 { state.withLock { $0.empty[workflow.member] = workflow.last } }
            if waiting > 0 { counts[workflow.member] = waiting }
        }
        let names = Dictionary(gone.map { ($0.member, $0) }) { first, _ in first }
        let news = state.withLock { state in
            let members = Set(names.keys)
            state.empty = state.empty.filter { members.contains($0.key) }
            let news = counts.keys.filter { state.waiting[$0] == false }
            state.waiting = Dictionary(uniqueKeysWithValues: counts.keys.map { ($0, state.waiting[$0] != nil) })
            return news
        }
        for member in news.sorted() {
            guard let workflow = names[member] else { continue }
            bus.logger.warning(
                "runs wait for a workflow that no live bridge has: start one that has it, or cancel them",
                metadata: [
                    "workflow": "\(workflow.workflow)", "version": "\(workflow.version.isEmpty ? "any" : workflow.version)",
                    "runs": "\(counts[member] ?? 0)",
                ])
        }
        show(counts)
    }

    /// What bridges have had and no live one has; nil where that can't be told.
    private func gone() async throws(RedisError) -> [Gone]? {
        let known: [(member: RESPBytes, score: Double)]
        let live: [(member: RESPBytes, score: Double)]
        do {
            known = try await bus.redis.execute(ZRANGEBYSCORE(bus.keys.known, from: -.infinity, through: .infinity))
            live = try await bus.redis.execute(ZRANGEBYSCORE(bus.keys.workflows, from: Double(bus.clock.now), through: .infinity))
        } catch {
            guard error.serverError?.code == "WRONGTYPE" else { throw error }
            await bus.wrongKeys.report(among: [bus.keys.known, bus.keys.workflows], after: error, on: bus.redis)
            return nil
        }
        var served: Set<String> = []
        for listing in live.compactMap({ WorkflowListing(String(decoding: $0.member, as: UTF8.self)) }) {
            served.insert(BusKeys.knownMember(listing.workflow, version: listing.version))
            served.insert(BusKeys.knownMember(listing.workflow, version: nil))
        }
        return known.compactMap { member, score in
            let member = String(decoding: member, as: UTF8.self)
            let names = member.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
            guard names.count == 2, !served.contains(member) else { return nil }
            return Gone(member: member, last: score, workflow: String(names[0]), version: String(names[1]))
        }
    }

    /// How many runs of a workflow there are, and how many of them wait for a bridge: those whose lease or wait is over, or that are due. `nil`
    /// where a list holds something else.
    private func runs(of gone: Gone) async throws(RedisError) -> (all: Int, waiting: Int)? {
        let timers = bus.keys.timers(of: gone.workflow, version: gone.version.isEmpty ? nil : gone.version)
        let lists =
            gone.version.isEmpty
            ? [timers]
            : [
                bus.keys.leases(of: gone.workflow, version: gone.version), timers,
                bus.keys.waits(of: gone.workflow, version: gone.version),
            ]
        var (all, waiting) = (0, 0)
        do {
            for list in lists {
                all += try await bus.redis.execute(ZCARD(list))
                waiting += try await bus.redis.execute(ZCOUNT(list, from: 0, through: Double(bus.clock.now)))
            }
        } catch {
            guard error.serverError?.code == "WRONGTYPE" else { throw error }
            await bus.wrongKeys.report(among: lists, after: error, on: bus.redis)
            return nil
        }
        return (all, waiting)
    }

    private func show(_ found: [String: Int]) {
        guard let metrics = bus.metrics else { return }
        for (member, count) in counts.set(found, on: bus.keys.prefix) {
            let names = member.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            metrics.set(.unservedRuns, names.first ?? "", names.last ?? "", to: Double(count))
        }
    }
}
