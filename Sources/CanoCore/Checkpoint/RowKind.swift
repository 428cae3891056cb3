/// What a checkpoint row records. The raw value is its name in a stored log.
@nonexhaustive public enum RowKind: String, Sendable, Hashable, Codable, CaseIterable {
    /// A state was entered; its task may have begun.
    case stateEntry = "state_entry"
    /// A compensatable task finished; the payload is its output, the row's `next` the state it chose.
    case compensationCompletion = "compensation_completion"
    /// A stepped or stream task got this far; the payload is its cursor. It replaces the visit's previous one.
    case stepCursor = "step_cursor"
    /// A timer waits; the payload is the moment it waits for, in milliseconds since 1970, as decimal digits.
    case timerDeadline = "timer_deadline"
    /// The run is being rolled back from here on, and never goes forward again; the payload is the failure behind it.
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
