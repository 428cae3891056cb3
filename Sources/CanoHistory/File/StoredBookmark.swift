#if SQLite
    import CanoRedis
    import GRDB

    extension Bookmark {
        /// Reads it.
        ///
        /// - Returns: The bookmark; nil in a new file.
        static func read(_ database: Database) throws -> (prefix: String, bookmark: Bookmark)? {
            guard let row = try Row.fetchOne(database.cachedStatement(sql: "SELECT * FROM bookmark")) else { return nil }
            var bookmark = Bookmark()
            bookmark.entry = StreamEntryID(row["entry"] as String) ?? .zero
            bookmark.highest = StreamEntryID(row["highest"] as String) ?? .zero
            bookmark.count = row["count"]
            bookmark.replacements = row["replacements"]
            bookmark.lost = row["lost"]
            bookmark.isSweepDue = row["sweep"]
            return (row["prefix"], bookmark)
        }

        /// Writes it where another one is, if the file still has that.
        ///
        /// - Returns: Whether it had. Another process has gone on with the file where it had not.
        func replace(_ expected: Bookmark, in database: Database) throws -> Bool {
            let statement = try database.cachedStatement(
                sql: """
                    UPDATE bookmark SET entry = ?, highest = ?, count = ?, replacements = ?, lost = ?, sweep = ?
                    WHERE entry = ? AND count = ? AND replacements = ? AND sweep = ?
                    """)
            try statement.execute(arguments: [
                entry.description, highest.description, count, replacements, lost, isSweepDue,
                expected.entry.description, expected.count, expected.replacements, expected.isSweepDue,
            ])
            return database.changesCount == 1
        }
    }

    extension HistoryFile {
        /// Where the history is up to.
        ///
        /// - Throws: ``HistoryError`` with the code `otherBus` when it is the history of a bus with another prefix; SQLite's errors.
        func bookmark(ofBus prefix: String) async throws -> Bookmark {
            let path = path
            return try await database.write { database in
                if let (found, bookmark) = try Bookmark.read(database) {
                    guard found == prefix else {
                        throw HistoryError(
                            .otherBus,
                            "\"\(path)\" has the history of the bus \"\(found)\", not of \"\(prefix)\": each bus needs a file of its own.")
                    }
                    return bookmark
                }
                try database.execute(
                    sql: "INSERT INTO bookmark VALUES (0, ?, '0-0', '0-0', 0, 0, 0, 0)", arguments: [prefix])
                return Bookmark()
            }
        }
    }
#endif
