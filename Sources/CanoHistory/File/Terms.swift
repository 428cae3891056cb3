#if SQLite
    import GRDB
    import Synchronization

    /// The numbers of texts that many rows have.
    final class Terms: Sendable {
        private let known = Mutex<[String: Int64]>([:])

        /// The number of a text, if it is remembered.
        subscript(text: String) -> Int64? { known.withLock { $0[text] } }

        /// The number of a text; nil of one that no row has.
        func number(of text: String, in database: Database) throws -> Int64? {
            try self[text] ?? Int64.fetchOne(database.cachedStatement(sql: "SELECT number FROM term WHERE text = ?"), arguments: [text])
        }

        /// Remembers numbers that have been committed.
        func remember(_ numbers: [String: Int64]) {
            known.withLock { $0.merge(numbers) { $1 } }
        }
    }
#endif
