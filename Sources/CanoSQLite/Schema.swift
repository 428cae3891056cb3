#if SQLite
    import CanoCore
    import GRDB

    /// How the file is laid out.
    enum Schema {
        private static let version = 2

        /// Makes the table in a new file, brings an older one up to date, and refuses one that a newer release made.
        static func prepare(_ database: Database, path: String) throws {
            let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
            guard found <= version else {
                throw CanoError(
                    .checkpointStore, "the checkpoints in \"\(path)\" are of format \(found), and this release knows \(version)",
                    code: "unknown_format")
            }
            guard found < version else { return }
            if found == 1 {
                // The rows that are there keep no writer, and can be resumed all the same.
                try database.execute(sql: "ALTER TABLE checkpoint ADD COLUMN writer INTEGER; PRAGMA user_version = \(version);")
                return
            }
            try database.execute(
                sql: """
                    CREATE TABLE checkpoint (
                        run TEXT NOT NULL,
                        sequence INTEGER NOT NULL,
                        kind TEXT NOT NULL,
                        state TEXT NOT NULL,
                        task TEXT NOT NULL,
                        visit INTEGER NOT NULL,
                        next TEXT,
                        payload BLOB,
                        replaces INTEGER,
                        version TEXT NOT NULL,
                        writer INTEGER,
                        PRIMARY KEY (run, sequence)
                    ) WITHOUT ROWID;
                    PRAGMA user_version = \(version);
                    """)
        }
    }
#endif
