#if SQLite
    import CanoBus
    public import CanoClient
    import GRDB

    /// Reads the history of a bus: runs by what they were, what happened in each, and how long states take.
    ///
    /// It sees what was committed when a call began. A call takes some milliseconds with a million runs in the file, whatever it is asked.
    public struct RunHistory: Sendable {
        private let file: HistoryFile

        /// How many runs a page looks at, at most.
        private static let mostLooked = 10_000
        private static let largestPage = 1_000

        /// Creates a reader.
        ///
        /// - Parameter file: The file; a projection may write it meanwhile, in this process or in another.
        public init(_ file: HistoryFile) { self.file = file }

        /// How far the history is behind; nil until a projection of this process has looked.
        public var lag: HistoryLag? { file.lag }

        /// Runs by what they were: those that were taken last come first. Where neither words, attributes nor an error are asked for, those that
        /// ended last come first with a time in which they ended, and those that began last with one in which they began.
        ///
        /// Call it with each page's ``HistoryPage/next`` until that is nil. A run that stays as it is meanwhile is on one page; one that ends, or begins,
        /// may be on two or on none. A page looks at 10,000 runs at most, those that the rarest part of the filter fits: where few of them
        /// fit the rest, it has few runs or none, and more follow.
        ///
        /// - Parameters:
        ///   - filter: Which runs are meant.
        ///   - cursor: Where to go on; nil at the beginning.
        ///   - count: How many runs a page has at most: 1 to 1,000.
        /// - Returns: The runs.
        /// - Throws: SQLite's errors.
        public func runs(_ filter: HistoryFilter = HistoryFilter(), after cursor: HistoryCursor? = nil, count: Int = 100) async throws
            -> HistoryPage
        {
            let count = min(max(1, count), Self.largestPage)
            let terms = file.terms
            return try await file.database.read { database in
                let plan = try HistoryPlan(filter, after: cursor, limit: Self.mostLooked + 1) { try terms.number(of: $0, in: database) }
                guard let plan else { return HistoryPage(runs: [], next: nil) }
                var lists = try plan.queries.map { try RunList($0, in: database) }
                var (found, looked, last) = ([Int64](), 0, cursor)
                while found.count < count, looked < Self.mostLooked,
                    let first = lists.indices.filter({ lists[$0].head != nil }).max(by: { lists[$0].isBehind(lists[$1]) }),
                    let head = lists[first].head
                {
                    looked += 1
                    last = head.place
                    if head.fits { found.append(head.place.number) }
                    try lists[first].advance()
                }
                let selection = try database.cachedStatement(sql: "\(StoredRun.selection) WHERE run.number = ?")
                let runs = try found.compactMap { try Row.fetchOne(selection, arguments: [$0]).map(StoredRun.read) }
                return HistoryPage(runs: runs.filter(filter.matches), next: lists.contains { $0.head != nil } ? last : nil)
            }
        }

        /// A run; the last one that had the id.
        ///
        /// - Returns: Nil where the history has none.
        /// - Throws: SQLite's errors.
        public func run(_ id: String) async throws -> HistoricRun? {
            try await file.database.read { try StoredRun.latest(id, in: $0) }
        }

        /// What happened in a run.
        ///
        /// - Parameters:
        ///   - id: The run's id.
        ///   - number: Which of the runs that had the id, by ``HistoricRun/number``; nil for the last.
        /// - Returns: Nil where the history has no such run.
        /// - Throws: SQLite's errors.
        public func timeline(of id: String, number: Int64? = nil) async throws -> HistoryTimeline? {
            try await file.database.read { database in
                let run: HistoricRun?
                if let number {
                    run = try Row.fetchOne(
                        database, sql: "\(StoredRun.selection) WHERE run.number = ? AND run.id = ?", arguments: [number, id]
                    )
                    .map(StoredRun.read)
                } else {
                    run = try StoredRun.latest(id, in: database)
                }
                guard let run, let prefix = try Bookmark.prefix(ofShard: run.shard, in: database) else { return nil }
                let keys = try BusKeys(prefix: prefix)
                // Signals that came before their run, and commands that were rejected, are about the id alone.
                let rows = try Row.fetchAll(
                    database,
                    sql: """
                        SELECT * FROM (\(StoredEvent.selection) WHERE event.run = ? AND event.subject = ''
                        UNION ALL \(StoredEvent.selection) WHERE event.run = 0 AND event.subject = ?
                        AND event.id NOT LIKE '\(EventEntry.schedule)%') ORDER BY ms, seq
                        """, arguments: [run.number, id])
                let events = rows.map { StoredEvent.read($0, of: run, on: keys).event }
                return HistoryTimeline(run: run, timeline: RunTimeline(events, of: run.events))
            }
        }

        /// How long runs of a workflow stayed in each of its states: what they waited there, and all attempts, included.
        ///
        /// Where a bridge publishes less than states, the whole of a run counts for the state it began in. Stays of which the beginning or the end was
        /// missed are left out.
        ///
        /// - Parameters:
        ///   - workflow: The workflow, in whichever version.
        ///   - period: When the stays ended, to the hour of UTC; one without a beginning or an end is told to the day there.
        /// - Returns: The states by their names.
        /// - Throws: SQLite's errors.
        public func stateDurations(workflow: String, period: RunFilter.Period = RunFilter.Period()) async throws -> [StateDurations] {
            let terms = file.terms
            return try await file.database.read { database in
                guard let number = try terms.number(of: workflow, in: database) else { return [] }
                var counts: [String: DurationCounts] = [:]
                for (span, from, until) in DurationSpan.covering(period) {
                    let rows = try Row.fetchCursor(
                        database,
                        sql: """
                            SELECT term.text, bucket, count, longest FROM (
                              SELECT state, bucket, sum(count) AS count, max(longest) AS longest FROM visit
                              WHERE workflow = ? AND span = ? AND start >= ? AND start < ? GROUP BY state, bucket)
                            JOIN term ON term.number = state
                            """, arguments: [number, span.rawValue, from, until])
                    while let row = try rows.next() {
                        counts[row[0], default: DurationCounts()].add(row[2], in: DurationBucket(index: row[1]), longest: row[3])
                    }
                }
                return counts.sorted { $0.key < $1.key }.map { StateDurations(state: $0.key, $0.value) }
            }
        }

        /// How many runs there are of each workflow in each version, by how far they are.
        ///
        /// - Returns: The workflows by their names and versions.
        /// - Throws: SQLite's errors.
        public func summary() async throws -> [HistoryTally] {
            try await file.database.read { database in
                let rows = try Row.fetchAll(
                    database,
                    sql: """
                        SELECT workflows.text, versions.text, status, runs FROM tally JOIN term workflows ON workflows.number = tally.workflow
                        LEFT JOIN term versions ON versions.number = tally.version WHERE runs > 0
                        ORDER BY workflows.text, versions.text
                        """)
                var tallies: [(workflow: String, version: String?, runs: [HistoryStatus: Int])] = []
                for row in rows {
                    let (workflow, version) = (row[0] as String, row[1] as String?)
                    if tallies.last.map({ $0.workflow != workflow || $0.version != version }) ?? true {
                        tallies.append((workflow, version, [:]))
                    }
                    tallies[tallies.count - 1].runs[HistoryStatus(code: row[2]) ?? .lost, default: 0] += row[3] as Int
                }
                return tallies.map { HistoryTally(workflow: $0.workflow, version: $0.version, runs: $0.runs) }
            }
        }
    }
#endif
