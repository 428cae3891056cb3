/// How much a log may hold.
enum LogLimit {
    /// The rows it may have. Those that finish a step, a run or a rollback are written beyond it too.
    static let rows = 20_000
    /// The bytes they may take, about; the same holds.
    static let bytes = 4 << 20
    /// The bytes that a step may have for its cursor, or for what undoing it takes, and a branch for what it came to, so that a row beyond the
    /// limits is not endless.
    static let payloadBytes = 1 << 20
}
