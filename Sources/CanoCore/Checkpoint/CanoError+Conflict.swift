extension CanoError {
    /// For stores: the log of a run holds another row where this one was to be, or is not where it follows. The code is
    /// `conflict`.
    public init(conflicting row: CheckpointRow, of run: RunID) {
        let problem =
            row.sequence == 0
            ? "has a log already: resume the run, or clear its log before starting it again"
            : "is executed by another process, whose log has no place for row \(row.sequence) of this one"
        self.init(.checkpointStore, "run \"\(run)\" \(problem)", code: "conflict", isRetryable: false)
    }
}
