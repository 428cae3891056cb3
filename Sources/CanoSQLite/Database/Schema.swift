#if SQLite
    import CanoCore
    import GRDB

    /// How the file is laid out, and how files of earlier releases become so.
    enum Schema {
        private static var migrator: DatabaseMigrator {
            var migrator = DatabaseMigrator()
            migrator.registerMigration("checkpoints") { database in
                try database.create(table: StoredRow.databaseTableName, options: .withoutRowID) { table in
                    table.primaryKey {
                        table.column("run", .text)
                        table.column("sequence", .integer)
                    }
                    table.column("kind", .text).notNull()
                    table.column("state", .text).notNull()
                    table.column("task", .text).notNull()
                    table.column("visit", .integer).notNull()
                    table.column("branch", .integer)
                    table.column("next", .text)
                    table.column("payload", .blob)
                    table.column("replaces", .integer)
                    table.column("version", .text).notNull()
                    table.column("writer", .integer)
                }
            }
            return migrator
        }

        /// Makes the table in a new file, brings an older file up to date, and refuses one that a newer release has changed.
        static func prepare(_ database: some DatabaseWriter, path: String) throws {
            let migrator = migrator
            guard try !database.read({ try migrator.hasBeenSuperseded($0) }) else {
                throw CanoError(
                    .checkpointStore, "a newer release has changed the layout of the checkpoints in \"\(path)\": use that release",
                    code: "unknown_format")
            }
            do {
                try migrator.migrate(database)
            } catch {
                // Another process that opens the file at the same time may have been first.
                guard try database.read({ try migrator.hasCompletedMigrations($0) }) else { throw error }
            }
        }
    }
#endif
