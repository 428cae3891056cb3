import CanoBus
import CanoPrimitives
import CanoRedis

/// Lists of runs.
extension BusClient {
    /// Runs that are not over, that failed, or that were cancelled and could not be undone whole.
    ///
    /// Those that ended badly come first, the last that did at their head; then those under way, those that wait, and those that are to start
    /// later, in no order. Runs that ended as they were to are in no list of Redis: events tell of them.
    ///
    /// Call it with each page's ``RunPage/next`` until that is nil. However the bus changes meanwhile, a run that stays as it is from the first
    /// page to the last is on one of them; one that changes its status, is resumed or fails again may be on two, or on none. Redis may also
    /// repeat a run of a list that becomes much shorter or longer meanwhile. Lists are those of the workflows that bridges have had: the latest
    /// 1,000, and the one that the filter names.
    ///
    /// Looking at 500 runs is two round trips, and a read of some fields of each record; where attributes are asked for it is three, and a read of
    /// one field of those that have others. A filter looks at records: one that few runs fit has many pages with few runs or none, each after at
    /// most some 10,000 that were looked at.
    ///
    /// - Parameters:
    ///   - filter: Which runs are meant.
    ///   - cursor: Where to go on; nil at the beginning.
    ///   - count: About how many runs a page has; from a list in no order it has some more.
    /// - Returns: The runs.
    /// - Throws: ``ClientError`` with the code `notListed` when the filter means runs that completed; `BusError` with the code `invalidName`;
    ///   `RedisError`.
    public func runs(_ filter: RunFilter = RunFilter(), after cursor: RunCursor? = nil, count: Int = 100) async throws -> RunPage {
        guard filter.statuses.isSubset(of: RunFilter.listed) else { throw ClientError.notListed }
        for name in [filter.workflow, filter.version].compactMap(\.self) { try Self.require(name: name) }
        var page = PageInProgress(filter: filter, wanted: max(1, count))
        var next: RunCursor.Place?
        switch cursor?.place {
        case .list: next = cursor?.place
        case .failed, nil:
            if !filter.meant.isDisjoint(with: [.failed, .cancelled]) {
                var before: (score: Int64, run: String)?
                if case .failed(let score, let run) = cursor?.place { before = (score, run) }
                if let place = try await readFailed(into: &page, before: before) { return page.ending(at: place) }
            }
        }
        guard filter.meant.contains(where: { !$0.isOver }) else { return page.ending(at: nil) }
        let known = try await redis.execute(ZRANGE(keys.known, from: 0, through: -1)).map { String(decoding: $0, as: UTF8.self) }
        let lists = RunListName.all(filter, known: known)
        next = next ?? lists.first.map { .list($0, from: 0) }
        while !page.isFull, case .list(let list, let from) = next { next = try await read(list, from: from, into: &page, among: lists) }
        return page.ending(at: next)
    }

    /// Reads those that ended badly until the page is full; where they go on, or nil when all were read.
    private func readFailed(into page: inout PageInProgress, before: (score: Int64, run: String)?) async throws -> RunCursor.Place? {
        let ended = page.filter.ended
        let lowest = ended.from.map(Double.init) ?? -.infinity
        let latest = ended.until.map { Double($0 - 1) } ?? .infinity
        var (last, size) = (before, page.size)
        while true {
            let highest = min(latest, last.map { Double($0.score) } ?? .infinity)
            let listed = try await redis.execute(ZREVRANGEBYSCORE(keys.failed, from: highest, through: lowest, count: size))
            // Of those that ended in the same millisecond the page before had some, with larger bytes.
            let fresh = listed.drop { member, score in
                last.map { score == Double($0.score) && !member.lexicographicallyPrecedes($0.run.utf8) } ?? false
            }
            let isLast = listed.count < size
            if let end = fresh.last {
                try await look(at: fresh.map(\.member), into: &page) { !$0.isOver }
                let score = Int64(exactly: end.score.rounded(.down)) ?? (end.score < 0 ? .min : .max)
                (last, size) = ((score, String(decoding: end.member, as: UTF8.self)), page.size)
            } else {
                // More ended in that millisecond. They are read again and none is skipped by its rank, which others may change meanwhile.
                size *= 2
            }
            guard !isLast else { return nil }
            if page.isFull, let last { return .failed(before: last.score, run: last.run) }
        }
    }

    /// Reads a part of a list; where to go on, or nil when it was the last part of the last list.
    private func read(
        _ list: RunListName, from place: UInt64, into page: inout PageInProgress, among lists: [RunListName]
    ) async throws -> RunCursor.Place? {
        let part = try await redis.execute(ZSCAN(list.key(on: keys), from: place, count: page.size))
        try await look(at: part.members, into: &page) { $0 != list.kind.status }
        if let next = part.next { return .list(list, from: next) }
        return lists.first { $0 > list }.map { .list($0, from: 0) }
    }

    /// Reads the records of runs, and adds those to the page that are meant.
    private func look(at members: [RESPBytes], into page: inout PageInProgress, unless isElsewhere: (RunStatus) -> Bool) async throws {
        var ids = members.map { String(decoding: $0, as: UTF8.self) }
        page.look(at: ids.count)
        if !page.filter.attributes.isEmpty { ids = try await ids.having(page.filter, on: self) }
        for (id, values) in zip(ids, try await fields(ListedRun.names, ofRecords: ids)) {
            if let values { page.add(ListedRun(id, values), unless: isElsewhere) }
        }
    }

    /// Those of these runs that there are, as lists have them, in one round trip.
    ///
    /// - Throws: `RedisError`.
    package func runs(named ids: [String]) async throws -> [ListedRun] {
        zip(ids, try await fields(ListedRun.names, ofRecords: ids)).compactMap { id, values in values.flatMap { ListedRun(id, $0) } }
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
        return try await redis.pipeline(ids.map { HMGET(keys.record(of: $0), names) }).map { values in
            do throws(RedisError) {
                return try values.get()
            } catch {
                guard error.serverError?.code == "WRONGTYPE" else { throw error }
                return nil
            }
        }
    }
}

extension [String] {
    /// Those of these runs that have the attributes of a filter. Few have, where any are asked for: the rest of a record is not read of the others.
    fileprivate func having(_ filter: RunFilter, on bus: BusClient) async throws -> [String] {
        zip(self, try await bus.fields([Field.attributes.rawValue], ofRecords: self)).compactMap { id, values in
            guard let json = values?.first ?? nil else { return nil }
            return filter.matches(ListedRun.attributes(String(decoding: json, as: UTF8.self))) ? id : nil
        }
    }
}

/// A page while it is read.
private struct PageInProgress {
    let filter: RunFilter
    let wanted: Int
    /// How many runs were looked at, and how often some were.
    private var looked = 0
    private var looks = 0
    private var runs: [ListedRun] = []
    private var ids: Set<String> = []

    init(filter: RunFilter, wanted: Int) {
        self.filter = filter
        self.wanted = wanted
    }

    private static let mostLooked = 10_000

    /// How many to look at next: as many as are wanted at first, and more where few of them are meant.
    var size: Int { min(500, max(20, wanted - runs.count) << min(looks, 5)) }

    mutating func look(at count: Int) {
        looked += count
        looks += 1
    }

    var isFull: Bool { runs.count >= wanted || looked >= Self.mostLooked }

    /// Adds a run that is meant and is where it was found.
    mutating func add(_ run: ListedRun?, unless isElsewhere: (RunStatus) -> Bool) {
        guard let run, !isElsewhere(run.status), filter.matches(run), ids.insert(run.id).inserted else { return }
        runs.append(run)
    }

    func ending(at place: RunCursor.Place?) -> RunPage { RunPage(runs: runs, next: place.map { RunCursor($0) }) }
}
