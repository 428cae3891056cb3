/// What a branch has to say to the log.
struct BranchRow: Sendable {
    enum Content: Sendable {
        /// How far its attempts are, and what it waits for before it goes on.
        /// Without a wait it goes on in this process, by itself.
        case progress(PartProgress, as: RowKind, until: OpenWait?)
        /// What became of it.
        case end(BranchOutcome)
    }

    let index: Int
    let content: Content
    let payload: [UInt8]
    /// The signals that led to the row.
    let consumes: [ReceivedSignal]
    /// Whether the log says the same already, so that a row is only needed to begin a wait of the run.
    let isDurable: Bool
    /// What is handed out with the row.
    var request: WorkRequest?

    var isEnd: Bool { if case .end = content { true } else { false } }

    var kind: RowKind { if case .progress(_, let kind, _) = content { kind } else { .branchEnd } }

    /// What the branch waits for behind the row; `nil` when it goes on by itself, or has ended.
    var wait: OpenWait? { if case .progress(_, _, let wait) = content { wait } else { nil } }
}

/// Rows of branches that go to the log together.
struct BranchBatch: Sendable {
    /// In order.
    var rows: [BranchRow] = []
    /// What the run waits for with the last row; `nil` while a branch of it runs.
    var opening: RunWait?

    /// The rows that are written: those that are not durable, and one at least to begin the wait with.
    var written: [BranchRow] {
        let written = rows.filter { !$0.isDurable }
        return written.isEmpty && opening != nil ? Array(rows.suffix(1)) : written
    }
}
