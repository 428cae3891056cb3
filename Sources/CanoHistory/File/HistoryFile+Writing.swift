#if SQLite
    import CanoBus
    import CanoRedis
    import GRDB

    /// What a projection does with the file. Each is one transaction.
    extension HistoryFile {
        /// Stores entries that follow a bookmark, and moves that behind them.
        ///
        /// - Returns: The new bookmark; nil, with nothing stored, when another process has moved it.
        func store(_ entries: [StreamEntry], after bookmark: Bookmark, of shard: HistoryShard) async throws -> Bookmark? {
            guard let last = entries.last?.id else { return bookmark }
            let events = entries.compactMap { HistoryEvent($0) }
            var next = bookmark
            next.move(past: entries.count, to: last)
            return try await write(replacing: bookmark, with: next, of: shard) { writer in
                for event in events { try writer.take(event) }
            }
        }

        /// Changes the bookmark alone.
        ///
        /// - Returns: The new bookmark; nil when another process has moved it.
        func move(_ bookmark: Bookmark, to next: Bookmark, of shard: HistoryShard) async throws -> Bookmark? {
            try await write(replacing: bookmark, with: next, of: shard) { _ in }
        }

        /// Compares runs with their records.
        ///
        /// - Parameters:
        ///   - slice: The records.
        ///   - bookmark: Where the stream is read up to.
        ///   - oldest: Runs that ended before are not added.
        ///   - shard: Where they were read.
        /// - Returns: The bookmark, without a sweep that is over now; nil, with nothing changed, when another process has moved it.
        /// - Throws: SQLite's errors.
        func check(_ slice: RecordSlice, at bookmark: Bookmark, keepingFrom oldest: Int64, of shard: HistoryShard) async throws -> Bookmark?
        {
            var next = bookmark
            if slice.endsSweep { next.isSweepDue = false }
            return try await write(replacing: bookmark, with: next, of: shard) { writer in
                for (id, record) in slice.records { try writer.take(record, of: id, readAt: slice.moment, keepingFrom: oldest) }
            }
        }

        /// Removes some of the runs that ended before a moment, and what else is older.
        ///
        /// - Returns: Whether there may be more.
        func remove(before moment: Int64, count: Int, of shard: HistoryShard) async throws -> Bool {
            let terms = terms
            return try await database.write { database in
                var removed = 0
                var writer = HistoryWriter(database, shard: shard, terms: terms, highest: .zero)
                for status in HistoryStatus.allCases where status.isOver {
                    let old = try Row.fetchAll(
                        database.cachedStatement(
                            sql: "\(StoredRun.selection) WHERE run.status = ? AND run.finished < ? ORDER BY run.finished LIMIT ?"),
                        arguments: [status.code, moment, count])
                    for row in old { try writer.remove(StoredRun.read(row)) }
                    removed = max(removed, old.count)
                }
                try writer.finish()
                try database.execute(
                    sql: """
                        DELETE FROM event WHERE run = 0 AND (subject, ms, seq) IN (
                          SELECT subject, ms, seq FROM event WHERE run = 0 AND ms < ? ORDER BY ms LIMIT ?)
                        """, arguments: [moment, count])
                removed = max(removed, database.changesCount)
                guard removed < count else { return true }
                for span in DurationSpan.allCases {
                    try database.execute(
                        sql: "DELETE FROM visit WHERE span = ? AND start < ?", arguments: [span.rawValue, moment - span.milliseconds])
                }
                return false
            }
        }

        private func write(
            replacing bookmark: Bookmark, with next: Bookmark, of shard: HistoryShard,
            _ body: @escaping @Sendable (inout HistoryWriter) throws -> Void
        ) async throws -> Bookmark? {
            let terms = terms
            let newTerms: [String: Int64]? = try await database.write { database in
                guard try next.replace(bookmark, of: shard, in: database) else { return nil }
                var writer = HistoryWriter(database, shard: shard, terms: terms, highest: bookmark.highest)
                try body(&writer)
                try writer.finish()
                return writer.newTerms
            }
            guard let newTerms else { return nil }
            terms.remember(newTerms)
            return next
        }

        // MARK: What is to be looked at

        /// Some of the runs of a shard whose records are to be asked for what was missed.
        func doubtfulRuns(of shard: HistoryShard, count: Int) async throws -> [String] {
            try await database.read { database in
                try String.fetchAll(
                    database, sql: "SELECT id FROM run WHERE doubtful = 1 AND shard = ? LIMIT ?", arguments: [shard.number, count])
            }
        }

        /// Some of the runs of a shard that have a status, by their numbers.
        func runs(
            _ status: HistoryStatus, of shard: HistoryShard, after number: Int64, count: Int
        ) async throws -> [(number: Int64, id: String)] {
            try await database.read { database in
                try Row.fetchAll(
                    database, sql: "SELECT number, id FROM run WHERE status = ? AND number > ? AND shard = ? ORDER BY number LIMIT ?",
                    arguments: [status.code, number, shard.number, count]
                ).map { (number: $0["number"], id: $0["id"]) }
            }
        }
    }
#endif
