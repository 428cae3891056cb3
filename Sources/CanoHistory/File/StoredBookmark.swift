#if SQLite
    import CanoRedis
    import GRDB

    extension Bookmark {
        /// Reads one.
        private init(_ row: Row) {
            self.init()
            entry = StreamEntryID(row["entry"] as String) ?? .zero
            highest = StreamEntryID(row["highest"] as String) ?? .zero
            count = row["count"]
            replacements = row["replacements"]
            lost = row["lost"]
            isSweepDue = row["sweep"]
        }

        /// The prefix of a shard; nil in a new file.
        static func prefix(ofShard number: Int, in database: Database) throws -> String? {
            try String.fetchOne(database.cachedStatement(sql: "SELECT prefix FROM bookmark WHERE shard = ?"), arguments: [number])
        }

        /// Reads all, in the order of the shards.
        ///
        /// - Returns: None in a new file.
        fileprivate static func readAll(_ database: Database) throws -> [(prefix: String, bookmark: Bookmark)] {
            try Row.fetchAll(database.cachedStatement(sql: "SELECT * FROM bookmark ORDER BY shard")).map { ($0["prefix"], Bookmark($0)) }
        }

        /// Writes it where another one is, if the file still has that.
        ///
        /// - Returns: Whether it had. Another process has gone on with the file where it had not.
        func replace(_ expected: Bookmark, of shard: HistoryShard, in database: Database) throws -> Bool {
            let statement = try database.cachedStatement(
                sql: """
                    UPDATE bookmark SET entry = ?, highest = ?, count = ?, replacements = ?, lost = ?, sweep = ?
                    WHERE shard = ? AND entry = ? AND count = ? AND replacements = ? AND sweep = ?
                    """)
            try statement.execute(arguments: [
                entry.description, highest.description, count, replacements, lost, isSweepDue, shard.number,
                expected.entry.description, expected.count, expected.replacements, expected.isSweepDue,
            ])
            return database.changesCount == 1
        }
    }

    extension HistoryFile {
        /// Where the history of a shard is up to.
        ///
        /// - Throws: ``HistoryError`` with the code `otherBus` when it is the history of another bus, or of one with another number of shards;
        ///   SQLite's errors.
        func bookmark(of shard: HistoryShard) async throws -> Bookmark {
            let path = path
            return try await database.write { database in
                let all = try Bookmark.readAll(database)
                guard all.isEmpty else {
                    let found = all.map(\.prefix)
                    guard found == shard.prefixes else {
                        throw HistoryError(
                            .otherBus,
                            """
                            "\(path)" has the history of the bus \(Self.name(found)), not of \(Self.name(shard.prefixes)): each bus needs a file of \
                            its own.
                            """)
                    }
                    return all[shard.number].bookmark
                }
                for (number, prefix) in shard.prefixes.enumerated() {
                    try database.execute(
                        sql: "INSERT INTO bookmark VALUES (?, ?, '0-0', '0-0', 0, 0, 0, 0)", arguments: [number, prefix])
                }
                return Bookmark()
            }
        }

        /// What to call the bus that has these shards.
        private static func name(_ prefixes: [String]) -> String {
            guard let first = prefixes.first, let last = prefixes.last, prefixes.count > 1 else { return "\"\(prefixes.first ?? "")\"" }
            return "of the \(prefixes.count) shards \"\(first)\" to \"\(last)\""
        }
    }
#endif
