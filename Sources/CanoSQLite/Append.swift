#if SQLite
    import CanoCore
    import Foundation
    import GRDB

    /// One row on its way to the file.
    struct Append: Sendable {
        let run: String
        let row: CheckpointRow

        /// Writes the row where it follows the last one, unless it is there already.
        ///
        /// - Throws: ``CanoError/Category/checkpointStore`` when the log is not where the row follows; SQLite's errors.
        func perform(in database: Database) throws {
            let last = try Int.fetchOne(
                database.cachedStatement(sql: "SELECT max(sequence) FROM checkpoint WHERE run = ?"), arguments: [run])
            guard row.sequence == (last ?? -1) + 1 else {
                let found = try Row.fetchOne(
                    database.cachedStatement(sql: "SELECT * FROM checkpoint WHERE run = ? AND sequence = ?"),
                    arguments: [run, row.sequence])
                // Only a caller that was not answered may say again what it has said.
                if let found, try CheckpointRow(stored: found) == row { return }
                throw CanoError(conflicting: row, of: RunID(run))
            }
            try database.cachedStatement(sql: "INSERT INTO checkpoint VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
                .execute(arguments: [
                    run, row.sequence, row.kind.rawValue, row.state, row.task, row.visit, row.next, row.payload.map { Data($0) },
                    row.replaces, row.version, row.writer,
                ])
            // Last, so that a failure in between leaves a row too many and never one too few.
            if let replaced = row.replaces {
                try database.cachedStatement(sql: "DELETE FROM checkpoint WHERE run = ? AND sequence = ?")
                    .execute(arguments: [run, replaced])
            }
        }
    }

    extension CheckpointRow {
        /// Reads a row of the table.
        ///
        /// - Throws: ``CanoError/Category/checkpointStore`` for a kind this release does not know.
        init(stored row: Row) throws {
            let sequence: Int = row["sequence"]
            let payload: Data? = row["payload"]
            self.init(
                sequence: sequence, kind: try RowKind(stored: row["kind"], sequence: sequence), state: row["state"], task: row["task"],
                visit: row["visit"], next: row["next"], payload: payload.map { Array($0) }, replaces: row["replaces"],
                version: row["version"], writer: row["writer"])
        }
    }
#endif
