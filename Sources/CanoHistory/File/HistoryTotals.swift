#if SQLite
    import GRDB

    /// What the runs and the stays of one transaction add to the sums that are kept of all.
    struct HistoryTotals {
        private struct Tally: Hashable {
            let workflow: String
            let version: String?
            let status: HistoryStatus
        }

        private struct Visits: Hashable {
            let workflow: String
            let span: DurationSpan
            let start: Int64
            let state: String
            let bucket: DurationBucket
        }

        private var tallies: [Tally: Int] = [:]
        private var visits: [Visits: (count: Int, longest: Int64)] = [:]

        /// Counts a run where it is now, or no longer where it was.
        mutating func count(_ run: HistoricRun, by number: Int) {
            tallies[Tally(workflow: run.workflow, version: run.version, status: run.status), default: 0] += number
        }

        /// Counts a stay, in its hour and in its day.
        mutating func count(_ visit: StateVisit) {
            for span in DurationSpan.allCases {
                let key = Visits(
                    workflow: visit.workflow, span: span, start: span.start(of: visit.left), state: visit.state,
                    bucket: DurationBucket(milliseconds: visit.duration))
                let counted = visits[key] ?? (0, 0)
                visits[key] = (counted.count + 1, max(counted.longest, visit.duration))
            }
        }

        /// Adds all of it to what is in the file.
        func write(in database: Database, _ term: (String) throws -> Int64) throws {
            for (tally, number) in tallies where number != 0 {
                try database.cachedStatement(
                    sql: "INSERT INTO tally VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET runs = runs + excluded.runs"
                ).execute(arguments: [try term(tally.workflow), try tally.version.map(term) ?? 0, tally.status.code, number])
            }
            for (visit, counted) in visits {
                try database.cachedStatement(
                    sql: """
                        INSERT INTO visit VALUES (?, ?, ?, ?, ?, ?, ?)
                        ON CONFLICT DO UPDATE SET count = count + excluded.count, longest = max(longest, excluded.longest)
                        """
                ).execute(arguments: [
                    try term(visit.workflow), visit.span.rawValue, visit.start, try term(visit.state), visit.bucket.index, counted.count,
                    counted.longest,
                ])
            }
        }
    }
#endif
