import CanoBus
import CanoPrimitives
import CanoRedis

/// Lists of runs.
extension BusClient {
    /// Runs that are not over, that failed, or that were cancelled and could not be undone whole.
    ///
    /// Those that ended badly come first, the last that did at their head; then those under way, those that wait, and those that are to start
    /// later, in no order. Runs of all shards stand in one list; what is in no order comes shard by shard. Runs that ended as they were to are in no list of Redis: events tell of them.
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
                var last: EndedRun?
                if case .failed(let run) = cursor?.place { last = run }
                if let place = try await readFailed(into: &page, behind: last) { return page.ending(at: place) }
            }
        }
        guard filter.meant.contains(where: { !$0.isOver }) else { return page.ending(at: nil) }
        let known = try await onEachShard { shard in
            try await shard.redis.execute(ZRANGE(shard.keys.known, from: 0, through: -1)).map { String(decoding: $0, as: UTF8.self) }
        }
        let lists = RunListName.all(filter, known: known)
        next = next ?? lists.first.map { .list($0, from: 0) }
        while !page.isFull, case .list(let list, let from) = next { next = try await read(list, from: from, into: &page, among: lists) }
        return page.ending(at: next)
    }

    /// Reads those that ended badly until the page is full; where they go on, or nil when all were read.
    private func readFailed(into page: inout PageInProgress, behind last: EndedRun?) async throws -> RunCursor.Place? {
        let period = page.filter.ended
        var reader = MergedReader<EndedRun>(clients, inOrder: EndedRun.isBefore) { shard, read, count in
            try await shard.failedRuns(in: period, behind: read ?? last, count: count)
        }
        while true {
            let runs = try await reader.next(page.size)
            guard let end = runs.last else { return nil }
            try await look(at: runs.map { (shard: $0.shard, id: $0.element.id) }, into: &page) { !$0.isOver }
            if reader.isAtEnd { return nil }
            if page.isFull { return .failed(behind: end.element) }
        }
    }

    /// Reads a part of a list; where to go on, or nil when it was the last part of the last list.
    private func read(
        _ list: RunListName, from place: UInt64, into page: inout PageInProgress, among lists: [RunListName]
    ) async throws -> RunCursor.Place? {
        let following = lists.first { $0 > list }.map { RunCursor.Place.list($0, from: 0) }
        // A cursor of a bus with more shards.
        guard clients.indices.contains(list.shard) else { return following }
        let size = page.size
        let (members, next) = try await clients[list.shard].ask { shard in
            let part = try await shard.redis.execute(ZSCAN(list.key(on: shard.keys), from: place, count: size))
            return (part.members.map { String(decoding: $0, as: UTF8.self) }, part.next)
        }
        try await look(at: members.map { (shard: list.shard, id: $0) }, into: &page) { $0 != list.kind.status }
        return next.map { .list(list, from: $0) } ?? following
    }

    /// Reads the records of runs, and adds those to the page that are meant.
    private func look(
        at runs: [(shard: Int, id: String)], into page: inout PageInProgress, unless isElsewhere: (RunStatus) -> Bool
    ) async throws {
        page.look(at: runs.count)
        let filter = page.filter
        let ids = Dictionary(grouping: runs, by: \.shard).mapValues { $0.map(\.id) }
        let found = try await onShards(ids.keys.sorted()) { shard in
            (shard.number, try await shard.listedRuns(ids[shard.number] ?? [], fitting: filter))
        }
        let listed = Dictionary(uniqueKeysWithValues: found)
        for (shard, id) in runs { page.add(listed[shard]?[id], unless: isElsewhere) }
    }

    /// Those of these runs that there are, as lists have them, in one round trip to each of their shards.
    ///
    /// - Throws: `RedisError`.
    package func runs(named ids: [String]) async throws -> [ListedRun] {
        let places = try await sharedOut(ids)
        let named = Dictionary(uniqueKeysWithValues: places)
        let found = try await onShards(places.map(\.shard)) { try await $0.listedRuns(named[$0.number] ?? [], fitting: nil) }
        let listed = found.reduce(into: [:]) { all, part in all.merge(part) { first, _ in first } }
        return ids.compactMap { listed[$0] }
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
