#if SQLite
    import CanoCore
    import GRDB

    /// One row on its way to the file.
    struct Append: Sendable {
        let run: String
        let row: CheckpointRow

        /// Writes the row where it follows the last one, unless it is there already.
        ///
        /// The two statements that every row needs are cached: preparing them would cost more than running them.
        ///
        /// - Throws: ``CanoError/Category/checkpointStore`` when the log is not where the row follows; SQLite's errors.
        func perform(in database: Database) throws {
            let run = try StoredRow.checked(run)
            let last = try Int.fetchOne(
                database.cachedStatement(sql: "SELECT max(sequence) FROM checkpoint WHERE run = ?"), arguments: [run])
            guard row.sequence == (last ?? -1) + 1 else {
                let found = try StoredRow.fetchOne(database, key: ["run": run, "sequence": row.sequence])
                // Only a caller that was not answered may say again what it has said.
                if found?.row == row { return }
                throw CanoError(conflicting: row, of: RunID(run))
            }
            try StoredRow(row, of: run).insert(database)
            // Last, so that a failure in between leaves a row too many and never one too few.
            if let replaced = row.replaces {
                try database.cachedStatement(sql: "DELETE FROM checkpoint WHERE run = ? AND sequence >= ? AND sequence < ?")
                    .execute(arguments: [run, replaced, row.sequence])
            }
        }
    }
#endif
