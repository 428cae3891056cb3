#if SQLite
    /// Where a look through everything goes on: all records, then all runs in the file that are not over.
    enum Sweep: Sendable, Hashable {
        /// Keys of records, from this cursor of the server's on.
        case records(cursor: String)
        /// Runs in the file that have that status, behind this number.
        case runs(HistoryStatus, after: Int64)
        case done

        static let beginning = Sweep.records(cursor: "0")

        private static let open = HistoryStatus.allCases.filter { !$0.isOver }

        /// Goes on behind a page of keys.
        static func after(cursor: String) -> Sweep {
            cursor == "0" ? open.first.map { .runs($0, after: 0) } ?? .done : .records(cursor: cursor)
        }

        /// Goes on behind a page of runs.
        ///
        /// - Parameters:
        ///   - last: The last of them; nil where there was none.
        ///   - status: What they are.
        /// - Returns: The place.
        static func after(_ last: Int64?, of status: HistoryStatus) -> Sweep {
            if let last { return .runs(status, after: last) }
            let next = open.drop { $0 != status }.dropFirst().first
            return next.map { .runs($0, after: 0) } ?? .done
        }
    }
#endif
