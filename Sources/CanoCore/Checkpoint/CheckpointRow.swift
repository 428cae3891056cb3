/// One row of a run's log.
public struct CheckpointRow: Sendable, Hashable {
    /// The row's number: 0, 1, 2 … in the order rows are written. Replaced rows leave their numbers unused.
    public var sequence: Int
    /// What the row records.
    public var kind: RowKind
    /// The label of the state.
    public var state: String
    /// The name of the task; empty for exit states and splits.
    public var task: String
    /// The number of the visit the row belongs to, as in ``TaskContext/visit``.
    public var visit: Int
    /// The index of the branch the row is about, in a split; `nil` when it is about the state as a whole.
    public var branch: Int?
    /// For a completion, the label of the state that was chosen.
    public var next: String?
    /// What the kind says: an output, a cursor, how far the attempts are, a failure.
    public var payload: [UInt8]?
    /// The sequence of the first row this one takes the place of: that row goes, and every row behind it. So a log does not grow with what
    /// its run has behind it: it has the finished steps that may have to be undone, and then the rows of the present visit.
    public var replaces: Int?
    /// The version of the workflow that wrote the row.
    public var version: String
    /// Identifies the execution that wrote the row. Two executions of one run never share it, so rows of theirs that are alike
    /// in everything else differ in it. Stores keep and compare it like the rest. `nil` in rows of a store that tells owners apart itself.
    public var writer: Int64?
    private var enclosed = Enclosed()

    /// What a host that hands work out hands out together with the row: both or neither. It is no part of the row: it is not stored with
    /// it, and rows that are alike in all else are alike. `nil` in most rows, and in all of a log that hands nothing out.
    public var request: WorkRequest? {
        get { enclosed.requests.first }
        set { enclosed.requests = newValue.map { [$0] } ?? [] }
    }
}

extension CheckpointRow {
    /// Creates a row.
    public init(
        sequence: Int, kind: RowKind = .stateEntry, state: String, task: String = "", visit: Int = 1, branch: Int? = nil,
        next: String? = nil, payload: [UInt8]? = nil, replaces: Int? = nil, version: String = "", writer: Int64? = nil
    ) {
        // By the compiler's own initializer: one that sets property after property puts a copy of the row where it belongs.
        self.init(
            sequence: sequence, kind: kind, state: state, task: task, visit: visit, branch: branch, next: next, payload: payload,
            replaces: replaces, version: version, writer: writer, enclosed: Enclosed())
    }

    /// About how many bytes a log in Redis takes for the row.
    var byteCount: Int {
        let names = state.utf8.count + task.utf8.count + version.utf8.count + (next?.utf8.count ?? 0)
        return 128 + names + ((payload?.count ?? 0) + 2) / 3 * 4
    }
}

/// What goes with a row and is no part of it, so that all are alike. One pointer, for rows are copied often and few have any.
private struct Enclosed: Sendable, Hashable {
    var requests: [WorkRequest] = []

    static func == (_: Enclosed, _: Enclosed) -> Bool { true }

    func hash(into _: inout Hasher) {}
}
