import CanoCore
import CanoRedis
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

    private struct Row: Decodable {
        let sequence: Int
        let kind: String
        let state: String
        let task: String
        let visit: Int
        let version: String
        let next: String?
        let replaces: Int?
        let payload: Data?
    }

    /// Reads a row back.
    ///
    /// - Throws: ``CanoError`` with the category `checkpointStore` when it is none, or of a kind this release doesn't know.
    static func decode(_ bytes: RESPBytes) throws(CanoError) -> CheckpointRow {
        let row: Row
        do {
            row = try JSONDecoder().decode(Row.self, from: Data(bytes))
        } catch {
            throw CanoError(
                .checkpointStore, "A row of the run's log can't be read: somebody else wrote it.", code: "malformed_log", underlying: error)
        }
        return CheckpointRow(
            sequence: row.sequence, kind: try RowKind(stored: row.kind, sequence: row.sequence), state: row.state, task: row.task,
            visit: row.visit, next: row.next, payload: row.payload.map { Array($0) }, replaces: row.replaces, version: row.version)
    }
}
