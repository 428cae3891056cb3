#if SQLite
    import CanoBus
    import Foundation
    import GRDB
    import Synchronization

    /// The file in which the history of one bus is kept: SQLite, in WAL mode.
    ///
    /// A ``HistoryProjection`` writes it, and ``RunHistory`` reads it meanwhile, in the same process or in others.
    public final class HistoryFile: Sendable {
        /// Where it is. SQLite keeps two more files beside it, with `-wal` and `-shm` after its name.
        public let path: String

        let database: DatabasePool
        let terms = Terms()
        private let observed = Mutex<[HistoryLag?]>([])

        /// Opens the file, and makes it when there is none.
        ///
        /// - Parameter path: Where it is, on a disk of this machine. Its folder must be there.
        /// - Throws: ``HistoryError`` with the code `unusableFile` when it can't be opened, or is something else; `unknownFormat` when a newer release
        ///   has changed it.
        public init(path: String) throws(HistoryError) {
            self.path = path
            do {
                var configuration = Configuration()
                configuration.label = "cano.history"
                configuration.busyMode = .timeout(10)
                database = try DatabasePool(path: path, configuration: configuration)
                try Self.migrate(database, path)
                // Ids come in any order, so their index is written all over: what it needs stays in memory, and is gathered before it is written.
                try database.writeWithoutTransaction {
                    try $0.execute(sql: "PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 8192")
                }
            } catch let error as HistoryError {
                throw error
            } catch {
                throw HistoryError(
                    .unusableFile,
                    "The history in \"\(path)\" can't be opened: \(error). Name a file in a folder that is there and may be written.")
            }
        }

        private static func migrate(_ database: DatabasePool, _ path: String) throws {
            let migrator = HistorySchema.migrator
            guard try !database.read({ try migrator.hasBeenSuperseded($0) }) else {
                throw HistoryError(
                    .unknownFormat,
                    "A newer release has changed the layout of the history in \"\(path)\": use that release, or name another file.")
            }
            do {
                try migrator.migrate(database)
            } catch {
                // Another process that opens the file at the same time may have been first.
                guard try database.read({ try migrator.hasCompletedMigrations($0) }) else { throw error }
            }
        }

        /// How far it is behind, on all shards together; nil until a projection of this process has looked at each.
        public var lag: HistoryLag? { observed.withLock { HistoryLag($0) } }

        /// Notes how far the history of a shard is behind.
        func observe(_ lag: HistoryLag, of shard: HistoryShard) {
            observed.withLock { lags in
                if lags.isEmpty { lags = Array(repeating: nil, count: shard.prefixes.count) }
                lags[shard.number] = lag
            }
        }

        /// Closes the file. Whatever is asked of it afterwards throws.
        public func close() throws { try database.close() }
    }
#endif
