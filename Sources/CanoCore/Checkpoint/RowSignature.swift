/// Tells the rows of one execution of a run from those of every other.
@usableFromInline struct RowSignature: Sendable {
    /// Chosen for the first row: most runs have none.
    @usableFromInline var writer: Int64?

    @inlinable init() {}

    mutating func sign(_ row: inout CheckpointRow) {
        if writer == nil { writer = RunID.uniqueNumber() }
        row.writer = writer
    }
}
