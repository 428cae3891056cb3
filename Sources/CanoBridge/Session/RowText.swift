import CanoCore
import CanoPrimitives
import CanoRedis
import CanoRedisStores
import Foundation

/// A checkpoint row as the log of a run keeps it: that of every log in Redis, written without an encoder's set-up.
enum RowText {
    static func encode(_ row: CheckpointRow) -> String {
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
        return text.object
    }

    /// Reads a row back.
    ///
    /// - Throws: ``CanoError`` with the category `checkpointStore` when it is none, or of a kind this release doesn't know.
    static func decode(_ bytes: RESPBytes, of run: String) throws(CanoError) -> CheckpointRow {
        try StoredRow.decode(bytes, of: RunID(run))
    }
}
