#if SQLite
    import CanoCore
    import Foundation
    import GRDB

    /// One row on its way to the file.
    struct Append: Sendable {
        let run: String
        let row: CheckpointRow

        /// Writes the row, unless it is there already.
        ///
        /// - Throws: ``CanoError/Category/checkpointStore`` when another row is there; SQLite's errors.
        func perform(in database: Database) throws {
            let found = try Row.fetchOne(
                database.cachedStatement(sql: "SELECT * FROM checkpoint WHERE run = ? AND sequence = ?"), arguments: [run, row.sequence])
            if let found {
                if try CheckpointRow(stored: found) == row { return }
                throw CanoError(
                    .checkpointStore,
                    "run \"\(run)\" already has another row \(row.sequence): resume the run or clear its log before starting it again",
                    code: "conflict")
            }
            try database.cachedStatement(sql: "INSERT INTO checkpoint VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
                .execute(arguments: [
                    run, row.sequence, row.kind.rawValue, row.state, row.task, row.visit, row.next, row.payload.map { Data($0) },
                    row.replaces, row.version,
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
                version: row["version"])
        }
    }
#endif
