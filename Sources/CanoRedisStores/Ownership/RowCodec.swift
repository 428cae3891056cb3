package import CanoCore
import CanoPrimitives
import FoundationEssentials

/// A checkpoint row as every log in Redis keeps it: a JSON object.
///
/// The writer is hand-made for its shape: an encoder's set-up costs more than the step that writes the row.
package enum RowCodec {
    /// Writes a row. The same row always has the same text.
    package static func encode(_ row: CheckpointRow) -> String {
        var text = JSONWriter()
        text.member("sequence", Int64(row.sequence))
        text.member("kind", row.kind.rawValue)
        text.member("state", row.state)
        text.member("task", row.task)
        text.member("visit", Int64(row.visit))
        text.member("version", row.version)
        if let next = row.next { text.member("next", next) }
        if let replaced = row.replaces { text.member("replaces", Int64(replaced)) }
        if let payload = row.payload { text.member("payload", Data(payload).base64EncodedString()) }
        if let writer = row.writer { text.member("writer", writer) }
        return text.object
    }

    /// Reads a row back.
    ///
    /// - Parameters:
    ///   - bytes: The row's text.
    ///   - run: Whose log it is, for errors.
    /// - Returns: The row.
    /// - Throws: `CanoError` of category `checkpointStore`: with the code `malformed_log` when the bytes are no row, `unknown_kind` for
    ///   a kind this release doesn't know.
    package static func decode(_ bytes: [UInt8], of run: RunID) throws(CanoError) -> CheckpointRow {
        let fields: Fields
        do {
            fields = try JSONDecoder().decode(Fields.self, from: Data(bytes))
        } catch {
            throw CanoError(
                .checkpointStore, "the log of run \"\(run)\" holds something that is no row: \(error)", code: "malformed_log",
                isRetryable: false, underlying: error)
        }
        return CheckpointRow(
            sequence: fields.sequence, kind: try RowKind(stored: fields.kind, sequence: fields.sequence), state: fields.state,
            task: fields.task, visit: fields.visit, next: fields.next, payload: fields.payload.map { Array($0) },
            replaces: fields.replaces, version: fields.version, writer: fields.writer)
    }

    private struct Fields: Decodable {
        let sequence: Int
        let kind: String
        let state: String
        let task: String
        let visit: Int
        let version: String
        let next: String?
        let replaces: Int?
        let payload: Data?
        /// The execution that wrote the row; none in rows of a bridge, which tells owners apart itself.
        let writer: Int64?
    }
}
