import CanoCore
import Foundation

/// A checkpoint row as the log of a run keeps it: a JSON object.
enum RowText {
    static func encode(_ row: CheckpointRow) -> String {
        var text = JSONText()
        text.member("sequence", Int64(row.sequence))
        text.member("kind", row.kind.rawValue)
        text.member("state", row.state)
        text.member("task", row.task)
        text.member("visit", Int64(row.visit))
        text.member("version", row.version)
        if let next = row.next { text.member("next", next) }
        if let replaced = row.replaces { text.member("replaces", Int64(replaced)) }
        if let payload = row.payload { text.member("payload", Data(payload).base64EncodedString()) }
        return text.closed
    }
}
