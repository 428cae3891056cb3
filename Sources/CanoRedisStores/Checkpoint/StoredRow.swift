package import CanoCore
import FoundationEssentials

/// A checkpoint row as a log in Redis keeps it: a JSON object.
package struct StoredRow: Codable {
    let sequence: Int
    let kind: String
    let state: String
    let task: String
    let visit: Int
    let version: String
    let next: String?
    let replaces: Int?
    let payload: Data?
    /// Of the drive that wrote the row; none in rows of a bridge, and in those of releases that knew of no such thing.
    let writer: Int64?

    init(_ row: CheckpointRow) {
        sequence = row.sequence
        kind = row.kind.rawValue
        state = row.state
        task = row.task
        visit = row.visit
        version = row.version
        next = row.next
        replaces = row.replaces
        payload = row.payload.map { Data($0) }
        writer = row.writer
    }

    /// - Throws: `CanoError` of category `checkpointStore` when the row is of a kind this release doesn't know.
    func row() throws(CanoError) -> CheckpointRow {
        CheckpointRow(
            sequence: sequence, kind: try RowKind(stored: kind, sequence: sequence), state: state, task: task, visit: visit, next: next,
            payload: payload.map { Array($0) }, replaces: replaces, version: version, writer: writer)
    }

    /// The same row always has the same bytes.
    func encoded() throws(CanoError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        do {
            return Array(try encoder.encode(self))
        } catch {
            throw CanoError(.checkpointStore, "row \(sequence) does not encode: \(error)", isRetryable: false, underlying: error)
        }
    }

    /// - Throws: `CanoError` of category `checkpointStore` when the bytes are no row.
    package static func decode(_ bytes: [UInt8], of run: RunID) throws(CanoError) -> CheckpointRow {
        let stored: StoredRow
        do {
            stored = try JSONDecoder().decode(StoredRow.self, from: Data(bytes))
        } catch {
            throw CanoError(
                .checkpointStore, "the log of run \"\(run)\" holds something that is no row: \(error)", code: "malformed_log",
                isRetryable: false, underlying: error)
        }
        return try stored.row()
    }
}
