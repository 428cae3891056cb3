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

        /// - Throws: ``CanoError/Category/checkpointStore`` with the code `malformed_log` when a column has no value of its type,
        ///   `unknown_kind` for a kind this release does not know.
        init(row stored: Row) throws {
            let columns = ColumnValues(row: stored)
            run = try columns.required("run", columns.text)
            let sequence = try columns.required("sequence", columns.integer)
            row = CheckpointRow(
                sequence: Int(sequence), kind: try RowKind(stored: columns.required("kind", columns.text), sequence: Int(sequence)),
                state: try columns.required("state", columns.text), task: try columns.required("task", columns.text),
                visit: Int(try columns.required("visit", columns.integer)), branch: try columns.integer("branch").map { Int($0) },
                next: try columns.text("next"),
                payload: try columns.bytes("payload"), replaces: try columns.integer("replaces").map { Int($0) },
                version: try columns.required("version", columns.text), writer: try columns.integer("writer"))
        }

        func encode(to container: inout PersistenceContainer) throws {
            container["run"] = try Self.checked(run)
            container["sequence"] = row.sequence
            container["kind"] = row.kind.rawValue
            container["state"] = try Self.checked(row.state)
            container["task"] = try Self.checked(row.task)
            container["visit"] = row.visit
            container["branch"] = row.branch
            container["next"] = try row.next.map(Self.checked)
            container["payload"] = row.payload.map { Data($0) }
            container["replaces"] = row.replaces
            container["version"] = try Self.checked(row.version)
            container["writer"] = row.writer
        }

        /// The rows of one run.
        ///
        /// - Throws: What ``checked(_:)`` throws.
        static func log(of run: String) throws(CanoError) -> QueryInterfaceRequest<StoredRow> {
            filter(Column("run") == (try checked(run)))
        }

        /// A text that may go to SQLite, which takes it only up to its first zero character: two runs would have one log.
        ///
        /// - Throws: ``CanoError/Category/checkpointStore`` with the code `zero_character`.
        static func checked(_ text: String) throws(CanoError) -> String {
            guard !text.utf8.contains(0) else {
                throw CanoError(
                    .checkpointStore, "\(text.debugDescription) has a zero character, which no text in an SQLite file may have",
                    code: "zero_character", isRetryable: false)
            }
            return text
        }
    }

    /// What is in the columns of a row, strictly: SQLite keeps values of any type in any of them.
    private struct ColumnValues {
        let row: Row

        func text(_ name: String) throws(CanoError) -> String? {
            switch storage(name) {
            case .null: nil
            case .string(let text): text
            default: throw misfit(name)
            }
        }

        func integer(_ name: String) throws(CanoError) -> Int64? {
            switch storage(name) {
            case .null: nil
            case .int64(let number): number
            default: throw misfit(name)
            }
        }

        func bytes(_ name: String) throws(CanoError) -> [UInt8]? {
            switch storage(name) {
            case .null: nil
            case .blob(let data): Array(data)
            default: throw misfit(name)
            }
        }

        func required<Value>(_ name: String, _ read: (String) throws(CanoError) -> Value?) throws(CanoError) -> Value {
            guard let value = try read(name) else { throw misfit(name) }
            return value
        }

        private func storage(_ name: String) -> DatabaseValue.Storage { (row[name] as DatabaseValue?)?.storage ?? .null }

        private func misfit(_ name: String) -> CanoError {
            CanoError(
                .checkpointStore, "a log in the SQLite file holds something that is no row: its \(name) is missing or of another type",
                code: "malformed_log", isRetryable: false)
        }
    }
#endif
