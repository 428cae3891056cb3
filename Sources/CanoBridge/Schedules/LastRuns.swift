import CanoBus
import CanoRedis

/// The last runs of schedules: whether they are over.
struct LastRuns: Sendable {
    let bus: Bus

    /// The last run of each schedule where it is not over yet, and where that matters.
    ///
    /// - Throws: ``RedisError``.
    func notOver(of schedules: [StoredSchedule]) async throws(RedisError) -> [ScheduleOverlapping?] {
        let lasts = schedules.map { $0.definition.overlap == .skip ? $0.last : nil }
        let asked = lasts.compactMap(\.self)
        guard !asked.isEmpty else { return schedules.map { _ in nil } }
        // In this order: a start that is not in the stream any more has its record, if it was not rejected.
        let waiting = try await bus.redis.pipeline(asked.map { XRANGE(bus.keys.commands, from: $0.entry, through: $0.entry) })
        let records = try await bus.redis.pipeline(asked.map { HGET(bus.keys.record(of: $0.run), Field.status.rawValue) })
        var found: [String: ScheduleOverlapping] = [:]
        for (index, last) in asked.enumerated() {
            let isWaiting = try !waiting[index].get().isEmpty
            // A key that was overwritten is no record.
            let status: RunStatus? =
                if case .success(let bytes?) = records[index] { RunStatus(rawValue: String(decoding: bytes, as: UTF8.self)) } else { nil }
            if isWaiting || status?.isOver == false {
                found[last.run] = ScheduleOverlapping(run: last.run, status: isWaiting ? nil : status)
            }
        }
        return lasts.map { $0.flatMap { found[$0.run] } }
    }
}
