#if SQLite
    import CanoCore
    import Foundation
    import GRDB

    /// A checkpoint row in the table.
    struct StoredRow: FetchableRecord, PersistableRecord {
        static let databaseTableName = "checkpoint"

        let run: String
        let row: CheckpointRow

        init(_ row: CheckpointRow, of run: String) {
            self.run = run
            self.row = row
        }

        /// - Throws: ``CanoError/Category/checkpointStore`` for a kind this release does not know.
        init(row stored: Row) throws {
            run = stored["run"]
            let sequence: Int = stored["sequence"]
            let payload: Data? = stored["payload"]
            row = CheckpointRow(
                sequence: sequence, kind: try RowKind(stored: stored["kind"], sequence: sequence), state: stored["state"],
                task: stored["task"], visit: stored["visit"], next: stored["next"], payload: payload.map { Array($0) },
                replaces: stored["replaces"], version: stored["version"], writer: stored["writer"])
        }

        func encode(to container: inout PersistenceContainer) {
            container["run"] = run
            container["sequence"] = row.sequence
            container["kind"] = row.kind.rawValue
            container["state"] = row.state
            container["task"] = row.task
            container["visit"] = row.visit
            container["next"] = row.next
            container["payload"] = row.payload.map { Data($0) }
            container["replaces"] = row.replaces
            container["version"] = row.version
            container["writer"] = row.writer
        }

        /// The rows of one run.
        static func log(of run: String) -> QueryInterfaceRequest<StoredRow> { filter(Column("run") == run) }
    }
#endif
