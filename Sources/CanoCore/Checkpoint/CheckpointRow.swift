/// One row of a run's log.
public struct CheckpointRow: Sendable, Hashable {
    /// The row's number: 0, 1, 2 … in the order rows are written. A replaced row leaves its number unused.
    public var sequence: Int
    /// What the row records.
    public var kind: RowKind
    /// The label of the state.
    public var state: String
    /// The name of the task; empty for exit states and splits.
    public var task: String
    /// The number of the visit the row belongs to, as in ``TaskContext/visit``.
    public var visit: Int
    /// For a completion, the label of the state that was chosen.
    public var next: String?
    /// What the kind says: an output, a cursor, a deadline, a failure.
    public var payload: [UInt8]?
    /// The sequence of the row this one takes the place of: the visit's previous cursor, always the last row of the log.
    public var replaces: Int?
    /// The version of the workflow that wrote the row.
    public var version: String
    /// Identifies the execution that wrote the row. Two executions of one run never share it, so rows of theirs that are alike
    /// in everything else differ in it. Stores keep and compare it like the rest. `nil` in rows of a store that tells owners apart itself.
    public var writer: Int64?

    /// Creates a row.
    public init(
        sequence: Int, kind: RowKind = .stateEntry, state: String, task: String = "", visit: Int = 1, next: String? = nil,
        payload: [UInt8]? = nil, replaces: Int? = nil, version: String = "", writer: Int64? = nil
    ) {
        self.sequence = sequence
        self.kind = kind
        self.state = state
        self.task = task
        self.visit = visit
        self.next = next
        self.payload = payload
        self.replaces = replaces
        self.version = version
        self.writer = writer
    }
}

extension CheckpointRow {
    /// About how many bytes a log in Redis takes for the row.
    var byteCount: Int {
        let names = state.utf8.count + task.utf8.count + version.utf8.count + (next?.utf8.count ?? 0)
        return 128 + names + ((payload?.count ?? 0) + 2) / 3 * 4
    }
}
