package import CanoCore
import CanoPrimitives
import FoundationEssentials

/// A checkpoint row as every log in Redis keeps it: a JSON object.
///
/// The writer is hand-made for its shape: an encoder's set-up costs more than the step that writes the row.
package enum RowCodec {
    /// Writes a row. The same row always has the same text.
    ///
    /// - Parameters:
    ///   - row: The row.
    ///   - isSigned: Whether it names the execution that wrote it.
    /// - Returns: Its text.
    package static func encode(_ row: CheckpointRow, isSigned: Bool = true) -> String {
        var text = JSONWriter()
        text.member("sequence", Int64(row.sequence))
        text.member("kind", row.kind.rawValue)
        text.member("state", row.state)
        text.member("task", row.task)
        text.member("visit", Int64(row.visit))
        text.member("version", row.version)
        if let branch = row.branch { text.member("branch", Int64(branch)) }
        if let next = row.next { text.member("next", next) }
        if let replaced = row.replaces { text.member("replaces", Int64(replaced)) }
        if let payload = row.payload { text.member("payload", Data(payload).base64EncodedString()) }
        if isSigned, let writer = row.writer { text.member("writer", writer) }
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
        do {
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw JSONObject.Misfit(member: "row", expectation: "UTF-8")
            }
            return try row(JSONObject(text))
        } catch let error as CanoError {
            throw error
        } catch {
            throw CanoError(
                .checkpointStore, "the log of run \"\(run)\" holds something that is no row: \(error)", code: "malformed_log",
                isRetryable: false, underlying: error)
        }
    }

    private static func row(_ fields: JSONObject) throws -> CheckpointRow {
        let sequence: Int = try fields.value("sequence")
        return CheckpointRow(
            sequence: sequence, kind: try RowKind(stored: try fields.value("kind"), sequence: sequence), state: try fields.value("state"),
            task: try fields.value("task"), visit: try fields.value("visit"), branch: try fields.optional("branch"),
            next: try fields.optional("next"), payload: try payload(fields), replaces: try fields.optional("replaces"),
            version: try fields.value("version"),
            // The execution that wrote the row; none in rows of a bridge, which tells owners apart itself.
            writer: try fields.optional("writer"))
    }

    private static func payload(_ fields: JSONObject) throws -> [UInt8]? {
        guard let text: String = try fields.optional("payload") else { return nil }
        guard let bytes = Data(base64Encoded: text) else { throw JSONObject.Misfit(member: "payload", expectation: "base64") }
        return Array(bytes)
    }
}
