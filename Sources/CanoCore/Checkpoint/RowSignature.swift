/// Tells the rows of one execution of a run from those of every other.
struct RowSignature {
    /// Chosen for the first row: most runs have none.
    private var writer: Int64?

    mutating func sign(_ row: inout CheckpointRow) {
        if writer == nil { writer = RunID.uniqueNumber() }
        row.writer = writer
    }
}
