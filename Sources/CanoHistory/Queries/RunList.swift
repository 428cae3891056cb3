#if SQLite
    import GRDB

    /// One of the lists that a plan reads, as far as it was read.
    struct RunList {
        /// The run that comes next: its place, and whether the rest of the filter fits it.
        private(set) var head: (place: HistoryCursor, fits: Bool)?
        private let rows: RowCursor

        init(_ query: HistoryPlan.Query, in database: Database) throws {
            rows = try Row.fetchCursor(database, sql: query.sql, arguments: query.arguments)
            try advance()
        }

        /// Goes on to the next run.
        mutating func advance() throws {
            head = try rows.next().map { (HistoryCursor(order: $0[0], number: $0[1]), $0[2]) }
        }

        /// Whether its next run comes behind that of another list.
        func isBehind(_ other: RunList) -> Bool {
            guard let own = head?.place, let others = other.head?.place else { return head == nil }
            return (own.order, own.number) < (others.order, others.number)
        }
    }
#endif
