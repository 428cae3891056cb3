#if SQLite
    import CanoRedis
    import GRDB

    extension HistoryProjection {
        /// Whether the same may succeed some time later: Redis is away, another process writes the file, or the disk is full.
        static func isPassing(_ error: any Error) -> Bool {
            switch error {
            case let error as RedisError: error.isOutage
            case let error as DatabaseError: [.SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_FULL].contains(error.resultCode)
            default: false
            }
        }
    }
#endif
