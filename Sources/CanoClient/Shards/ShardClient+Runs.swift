import CanoBus
import CanoPrimitives
import CanoRedis

/// The runs of one shard, and what of their records lists show.
extension ShardClient {
    /// Those that ended badly, the last that did first.
    ///
    /// - Parameters:
    ///   - period: When they ended.
    ///   - last: The run behind which to begin; nil for the beginning.
    ///   - count: How many to read.
    /// - Returns: The runs; of several that ended in the same millisecond maybe more.
    /// - Throws: `RedisError`.
    func failedRuns(in period: RunFilter.Period, behind last: EndedRun?, count: Int) async throws -> ShardPart<EndedRun> {
        let lowest = period.from.map(Double.init) ?? -.infinity
        let latest = period.until.map { Double($0 - 1) } ?? .infinity
        let highest = min(latest, last.map { Double($0.score) } ?? .infinity)
        var size = count
        while true {
            let listed = try await redis.execute(ZREVRANGEBYSCORE(keys.failed, from: highest, through: lowest, count: size))
            // Of those that ended in the same millisecond some were read before, with larger bytes.
            let fresh = listed.drop { member, score in
                last.map { score == Double($0.score) && !member.lexicographicallyPrecedes($0.id.utf8) } ?? false
            }
            let isLast = listed.count < size
            guard fresh.isEmpty, !isLast else {
                let runs = fresh.map { member, score in
                    EndedRun(
                        score: Int64(exactly: score.rounded(.down)) ?? (score < 0 ? .min : .max),
                        id: String(decoding: member, as: UTF8.self))
                }
                return ShardPart(elements: runs, isLast: isLast)
            }
            // More ended in that millisecond. They are read again and none is skipped by its rank, which others may change meanwhile.
            size *= 2
        }
    }

    /// Those of these runs that have records, as lists have them, by their ids.
    ///
    /// - Parameters:
    ///   - ids: The runs.
    ///   - filter: Has attributes that they must have; nil for whatever they have. Few have, where any are asked for: the rest of a record is not
    ///     read of the others.
    /// - Returns: The runs.
    /// - Throws: `RedisError`.
    func listedRuns(_ ids: [String], fitting filter: RunFilter?) async throws -> [String: ListedRun] {
        var ids = ids
        if let filter, !filter.attributes.isEmpty {
            ids = zip(ids, try await fields([Field.attributes.rawValue], ofRecords: ids)).compactMap { id, values in
                guard let json = values?.first ?? nil else { return nil }
                return filter.matches(ListedRun.attributes(String(decoding: json, as: UTF8.self))) ? id : nil
            }
        }
        var listed: [String: ListedRun] = [:]
        for (id, values) in zip(ids, try await fields(ListedRun.names, ofRecords: ids)) {
            listed[id] = values.flatMap { ListedRun(id, $0) }
        }
        return listed
    }

    /// Those of these runs that are here, in one round trip.
    func runs(thereOf ids: [String]) async throws -> Set<String> {
        guard !ids.isEmpty else { return [] }
        // What any user may call that may read records.
        let statuses = try await redis.pipeline(ids.map { HGET(keys.record(of: $0), Field.status.rawValue) })
        return Set(try zip(ids, statuses).filter { try Self.unlessOverwritten($1) ?? nil != nil }.map(\.0))
    }

    /// Some fields of records, in one round trip.
    ///
    /// - Parameters:
    ///   - names: The fields.
    ///   - ids: The runs.
    /// - Returns: Their values, for each run; nil where something else is under the record's key.
    /// - Throws: `RedisError`.
    func fields(_ names: [String], ofRecords ids: [String]) async throws -> [[RESPBytes?]?] {
        guard !ids.isEmpty else { return [] }
        return try await redis.pipeline(ids.map { HMGET(keys.record(of: $0), names) }).map { try Self.unlessOverwritten($0) }
    }

    /// What was read of a record; nil where something else is under its key.
    private static func unlessOverwritten<Value>(_ result: Result<Value, RedisError>) throws(RedisError) -> Value? {
        do throws(RedisError) {
            return try result.get()
        } catch {
            guard error.serverError?.code == "WRONGTYPE" else { throw error }
            return nil
        }
    }
}
