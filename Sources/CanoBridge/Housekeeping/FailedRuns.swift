import CanoBus
import CanoPrimitives
import CanoRedis
import Synchronization

/// Takes runs off the list of those that failed once their records are gone: Redis removes records by itself, and tells no bridge.
///
/// Some records stay for ever, so a heartbeat looks at one page of those that are old enough, the next one at the page behind it. It goes on at
/// once only while more than half of a page is gone, so however many fail, the list is as long as there are records.
final class FailedRuns: Sendable {
    private let bus: Bus
    private let place = Mutex(SweepPlace())

    /// How many are looked at in one go: some milliseconds of the server's time.
    static let page = 500

    init(_ bus: Bus) {
        self.bus = bus
    }

    /// Looks once.
    ///
    /// - Throws: ``RedisError``.
    func sweep() async throws(RedisError) {
        do {
            while try await sweepPage() {}
        } catch {
            guard error.serverError?.code == "WRONGTYPE" else { throw error }
            await bus.wrongKeys.report(among: [bus.keys.failed], after: error, on: bus.redis)
        }
    }

    /// Looks at one page; whether the next one is as urgent.
    private func sweepPage() async throws(RedisError) -> Bool {
        let start = place.withLock { $0 }
        let horizon = bus.clock.now - bus.limits.failedRetention.wholeMilliseconds
        let listed = try await bus.redis.execute(
            ZRANGEBYSCORE(bus.keys.failed, from: start.score, through: Double(horizon), offset: start.passed, count: Self.page))
        guard !listed.isEmpty else {
            place.withLock { $0 = SweepPlace() }
            return false
        }
        let runs = listed.map { String(decoding: $0.member, as: UTF8.self) }
        let statuses = try await bus.redis.pipeline(runs.map { HGET(bus.keys.record(of: $0), Field.status.rawValue) })
        var kept: [Double] = []
        for (index, status) in statuses.enumerated() {
            if case .failure(let error) = status, error.serverError?.code == "WRONGTYPE" {
                // The others do not wait for the repair of this one.
                await bus.wrongKeys.report(among: [bus.keys.record(of: runs[index])], after: error, on: bus.redis)
                kept.append(listed[index].score)
                continue
            }
            // The record is gone, or one of a later run of the same id.
            switch try status.get().flatMap({ RunStatus(rawValue: String(decoding: $0, as: UTF8.self)) }) {
            case .failed, .cancelled:
                kept.append(listed[index].score)
                continue
            default: break
            }
            // The run may have failed meanwhile, so the script looks again.
            let call = Forget(
                name: runs[index], subject: bus.keys.record(of: runs[index]), lists: [bus.keys.failed],
                unless: [(.status, RunStatus.failed.rawValue)])
            _ = try await bus.redis.evaluate(call.encoded)
        }
        let isWhole = listed.count == Self.page
        place.withLock { $0 = isWhole ? start.behind(kept) : SweepPlace() }
        return isWhole && kept.count < Self.page / 2
    }
}
