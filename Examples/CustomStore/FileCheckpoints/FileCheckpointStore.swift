import CanoCore
import Foundation

/// Checkpoint logs in one file: a line of JSON for each row that was added and each log that was removed, the latest last.
///
/// An actor, so that a row is checked and written before the next one comes. The file only grows: a real store would write it anew at times.
package actor FileCheckpointStore: CheckpointStore {
    private var logs: [RunID: [CheckpointRow]] = [:]
    private let file: FileHandle

    package init(path: String) throws {
        if !FileManager.default.fileExists(atPath: path) { try Data().write(to: URL(filePath: path)) }
        file = try FileHandle(forUpdating: URL(filePath: path))
        let content = try file.readToEnd() ?? Data()
        // A line that a crash has cut short was never answered, so its run has not relied on it.
        let whole = content.lastIndex(of: UInt8(ascii: "\n")).map { content[...$0] } ?? Data()
        for line in whole.split(separator: UInt8(ascii: "\n")) {
            let entry = try JSONDecoder().decode(Entry.self, from: line)
            guard let row = entry.row else {
                logs[RunID(entry.run)] = nil
                continue
            }
            logs[RunID(entry.run), default: []].add(row.row)
        }
        try file.truncate(atOffset: UInt64(whole.count))
    }

    /// The same row again is a success; any other has to follow the last one. So two drives of one run never mix their rows.
    package func append(_ row: CheckpointRow, to run: RunID) async throws {
        let log = logs[run] ?? []
        guard row.sequence == (log.last?.sequence ?? -1) + 1 else {
            if log.last(where: { $0.sequence <= row.sequence }) == row { return }
            throw CanoError(conflicting: row, of: run)
        }
        try write(Entry(run: "\(run)", row: StoredRow(row)))
        logs[run, default: []].add(row)
    }

    package func rows(of run: RunID) async throws -> [CheckpointRow] { logs[run] ?? [] }

    package func clear(_ run: RunID) async throws {
        guard logs[run] != nil else { return }
        try write(Entry(run: "\(run)", row: nil))
        logs[run] = nil
    }

    /// Durable when this returns. What fails in the middle is cut off again: the engine repeats the call.
    private func write(_ entry: Entry) throws {
        let end = try file.seekToEnd()
        do {
            try file.write(contentsOf: try JSONEncoder().encode(entry) + Data("\n".utf8))
            try file.synchronize()
        } catch {
            try file.truncate(atOffset: end)
            throw error
        }
    }
}

extension [CheckpointRow] {
    /// Adds a row, and removes those whose place it takes.
    fileprivate mutating func add(_ row: CheckpointRow) {
        if let first = row.replaces { removeAll { $0.sequence >= first } }
        append(row)
    }
}
