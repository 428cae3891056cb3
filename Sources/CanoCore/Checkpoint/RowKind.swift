/// What a checkpoint row records. The raw value is its name in a stored log.
@nonexhaustive public enum RowKind: String, Sendable, Hashable, Codable, CaseIterable {
    /// A state was entered; its task may have begun.
    case stateEntry = "state_entry"
    /// A compensatable task finished; the payload is its output, the row's `next` the state it chose.
    case compensationCompletion = "compensation_completion"
    /// A stepped or stream task got this far; the payload is its cursor. It replaces the visit's previous one.
    case stepCursor = "step_cursor"
}
