/// What a checkpoint row records. The raw value is its name in a stored log.
@nonexhaustive public enum RowKind: String, Sendable, Hashable, Codable, CaseIterable {
    /// A state was entered; its task may have begun.
    case stateEntry = "state_entry"
    /// A compensatable task finished; the payload is its output, the row's `next` the state it chose.
    case compensationCompletion = "compensation_completion"
    /// A stepped or stream task got this far; the payload is its cursor. It replaces all rows of the visit.
    case stepCursor = "step_cursor"
    /// The visit, a branch of it, or undoing its step waits; the payload is what for. It replaces the row before it that says how far that got:
    /// of the visit also the one that says that the state was entered.
    case waiting
    /// An attempt failed and another one follows; the payload is how many have failed, the last error, and when the next one is due. It
    /// replaces the row before it that says how far the visit, or the branch, got.
    case attempt
    /// A branch of a split has ended; the payload is its output and what it wrote, or its error. It is not run again.
    case branchEnd = "branch_end"
    /// The run is being rolled back from here on, and never goes forward again; the payload is the failure behind it, and the
    /// step in the middle of which it began, when that is to be undone.
    case rollbackStart = "rollback_start"
    /// A finished compensatable step, that of the row's visit, was undone.
    case compensated

    /// The kind of that name in a stored log, for stores.
    ///
    /// - Throws: ``CanoError/Category/checkpointStore`` with the code `unknown_kind`: a newer release wrote the row, and a
    ///   run resumed without it would forget what is in it.
    public init(stored name: String, sequence: Int) throws(CanoError) {
        guard let kind = RowKind(rawValue: name) else {
            throw CanoError(
                .checkpointStore,
                "row \(sequence) is of the kind \"\(name)\", which this release does not know: resume the run with the release that wrote it",
                code: "unknown_kind")
        }
        self = kind
    }
}
