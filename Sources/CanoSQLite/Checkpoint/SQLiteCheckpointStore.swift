#if SQLite
    public import CanoCore
    import Foundation
    import GRDB

    /// Logs in one SQLite file: runs survive the process, and a power cut, without a server.
    ///
    /// A row is on the disk when an append returns: the file is in WAL mode and synchronised at each commit (`synchronous` is
    /// `FULL`). Appends that wait at the same time are committed, and synchronised, together. All of it is done on SQLite's own
    /// threads, none on those that Swift's tasks share.
    ///
    /// Several processes may use one file. A run that two executions go on with, in one process or in two, is stopped in one of
    /// them at its next row, with the code `conflict`. Nothing tells it before, so that what precedes the row happens in both:
    /// let one process own a run, and execute it once at a time.
    public final class SQLiteCheckpointStore: CheckpointStore {
        private let database: DatabasePool
        private let writer: CommitGroup<Append>

        /// Opens the file, and makes it when there is none.
        ///
        /// - Parameter path: Where it is. SQLite keeps two more files beside it, with `-wal` and `-shm` after its name.
        /// - Throws: `CanoError.Category.checkpointStore` when it cannot be opened, or was made by a newer release.
        public init(path: String) throws(CanoError) {
            do {
                let database = try Self.open(path)
                try Schema.prepare(database, path: path)
                self.database = database
                writer = CommitGroup { appends in
                    try await database.write { database in
                        appends.map { append in Result { try append.perform(in: database) } }
                    }
                }
            } catch {
                throw Self.described(error, "the checkpoints in \"\(path)\" cannot be opened")
            }
        }

        /// Adds a row, and removes those it replaces.
        ///
        /// - Throws: `CanoError.Category.checkpointStore` with the code `conflict` when the log is not where the row follows,
        ///   `zero_character` when a text has such a one, here as in all that names a run; an error of SQLite's when the disk is full,
        ///   the file busy or the like, which the engine waits out.
        public func append(_ row: CheckpointRow, to run: RunID) async throws {
            try await writer.commit(Append(run: run.description, row: row))
        }

        /// The log of a run, by ascending sequence; empty when the run is unknown.
        ///
        /// - Throws: `CanoError.Category.checkpointStore` with the code `unknown_kind` for a row of a newer release, `malformed_log` for
        ///   what is no row.
        public func rows(of run: RunID) async throws -> [CheckpointRow] {
            let id = run.description
            return try await database.read { database in
                try StoredRow.log(of: id).order(Column("sequence")).fetchAll(database).map(\.row)
            }
        }

        /// Removes the log of a run.
        public func clear(_ run: RunID) async throws {
            let id = run.description
            _ = try await database.write { try StoredRow.log(of: id).deleteAll($0) }
        }

        /// The runs that have a log: those that are under way, and those that can be resumed.
        public func runs() async throws -> [RunID] {
            try await database.read { database in
                try StoredRow.select(Column("run"), as: String.self).distinct().order(Column("run")).fetchAll(database).map { RunID($0) }
            }
        }

        /// Closes the file. Whatever is asked of the store afterwards throws.
        public func close() throws { try database.close() }

        /// Opens the file in WAL mode, every commit synchronised.
        static func open(_ path: String) throws -> DatabasePool {
            var configuration = Configuration()
            configuration.label = "cano"
            configuration.busyMode = .timeout(5)
            let database = try DatabasePool(path: path, configuration: configuration)
            // Not in the configuration: turning WAL on comes after that, and makes it NORMAL, which loses rows in a power cut.
            try database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            return database
        }

        private static func described(_ error: any Error, _ what: String) -> CanoError {
            (error as? CanoError) ?? CanoError(.checkpointStore, "\(what): \(error)", underlying: error)
        }
    }
#endif
