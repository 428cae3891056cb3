import CanoCore

extension [CheckpointRow] {
    /// The rows without what says which drive wrote them, to be compared with rows of a test's own.
    var unsigned: [CheckpointRow] {
        map { row in
            var row = row
            row.writer = nil
            return row
        }
    }
}
