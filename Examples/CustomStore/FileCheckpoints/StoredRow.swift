import CanoCore
import Foundation

/// A line of the file: a row that was added, or none where the log of the run was removed.
struct Entry: Codable {
    let run: String
    let row: StoredRow?
}

/// A row as it is written. All of it has to come back: the engine compares rows whole.
struct StoredRow: Codable {
    let sequence: Int
    let kind: RowKind
    let state: String
    let task: String
    let visit: Int
    let branch: Int?
    let next: String?
    let payload: Data?
    let replaces: Int?
    let version: String
    let writer: Int64?

    init(_ row: CheckpointRow) {
        (sequence, kind, state, task, visit) = (row.sequence, row.kind, row.state, row.task, row.visit)
        (branch, next, payload) = (row.branch, row.next, row.payload.map { Data($0) })
        (replaces, version, writer) = (row.replaces, row.version, row.writer)
    }

    var row: CheckpointRow {
        CheckpointRow(
            sequence: sequence, kind: kind, state: state, task: task, visit: visit, branch: branch, next: next,
            payload: payload.map { Array($0) }, replaces: replaces, version: version, writer: writer)
    }
}
