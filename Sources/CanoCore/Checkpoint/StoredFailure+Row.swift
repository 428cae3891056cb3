import CanoPrimitives

/// The failure behind a rollback, as its row keeps it: a run that is resumed in its rollback ends with the same error.
extension StoredFailure {
    /// The payload of the row.
    var encoded: [UInt8] { utf8 }

    /// Reads the payload of the row.
    ///
    /// - Throws: ``CanoError/Category/checkpointStore`` with the code `malformed_log`.
    init(_ row: CheckpointRow) throws(CanoError) {
        do {
            self = try JSONValue.decode(StoredFailure.self, from: row.payload ?? [])
        } catch {
            throw CanoError(
                .checkpointStore, "the log cannot be resumed: row \(row.sequence) does not say why the run was rolled back",
                code: "malformed_log", underlying: error)
        }
    }
}
