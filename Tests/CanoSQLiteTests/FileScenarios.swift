#if SQLite
    import CanoCore
    import GRDB
    import RuleFixture

    @testable import CanoSQLite

    /// Logs in a file.
    struct FileScenarios {
        private let row = CheckpointRow(sequence: 0, state: "first", task: "Task", payload: [0, 255], version: "1")

        /// The error of an append or a reading, which is to be one of the engine's.
        private func refusal(_ body: () async throws -> some Any) async throws -> CanoError? {
            do { _ = try await body() } catch let error as CanoError { return error }
            return nil
        }

        func reopening() async throws -> Facts {
            try await withTemporaryFile { path in
                let first = try SQLiteCheckpointStore(path: path)
                try await first.append(row, to: "r")
                let second = try SQLiteCheckpointStore(path: path)
                let beside = try await second.rows(of: "r")
                try first.close()
                try second.close()
                let afterwards = try await SQLiteCheckpointStore(path: path).rows(of: "r")
                return ["rows read by the second": beside.count, "as they were": [beside == [row], afterwards == [row]]]
            }
        }

        func besideEachOther() async throws -> Facts {
            try await withTemporaryFile { path in
                let stores = [try SQLiteCheckpointStore(path: path), try SQLiteCheckpointStore(path: path)]
                var (codes, isSeen) = (Set<String?>(), true)
                for sequence in 0..<10 {
                    let row = CheckpointRow(sequence: sequence, state: "s", visit: sequence + 1, writer: 1)
                    let (first, second) = (stores[sequence % 2], stores[(sequence + 1) % 2])
                    try await first.append(row, to: "r")
                    var another = row
                    another.writer = 2
                    let strange = another
                    codes.insert(try await refusal { try await second.append(strange, to: "r") }?.code)
                    try await second.append(row, to: "r")
                    if try await second.rows(of: "r").last != row { isSeen = false }
                }
                return ["codes of the other drive": Array(codes), "rows": try await stores[0].rows(of: "r").count, "seen at once": isSeen]
            }
        }

        func refusedInAGroup() async throws -> Facts {
            try await withTemporaryFile { path in
                let store = try SQLiteCheckpointStore(path: path)
                @Sendable func row(_ run: Int, _ sequence: Int) -> CheckpointRow {
                    CheckpointRow(sequence: sequence, state: "\(run).\(sequence)")
                }
                for run in 0..<40 { try await store.append(row(run, 0), to: RunID("r\(run)")) }
                let refused = try await withThrowingTaskGroup(of: (Int, CanoError)?.self) { group in
                    for run in 0..<40 {
                        group.addTask {
                            do {
                                // Every fourth one begins its run again.
                                try await store.append(run % 4 == 0 ? row(run + 1, 0) : row(run, 1), to: RunID("r\(run)"))
                                return nil
                            } catch let error as CanoError where error.code == "conflict" {
                                return (run, error)
                            }
                        }
                    }
                    return try await group.reduce(into: [(Int, CanoError)]()) { refused, run in if let run { refused.append(run) } }
                }
                var spoilt: [Int] = []
                for run in 0..<40 {
                    let rows = run % 4 == 0 ? [row(run, 0)] : [row(run, 0), row(run, 1)]
                    if try await store.rows(of: RunID("r\(run)")) != rows { spoilt.append(run) }
                }
                return [
                    "refused": refused.map(\.0).sorted(),
                    "without advice or to be repeated": refused.filter { _, error in
                        !error.message.contains("resume the run, or clear its log") || error.isRetryable
                    }.map(\.0),
                    "other than they should be": spoilt,
                ]
            }
        }

        func order() async throws -> Facts {
            try await withTemporaryFile { path in
                let store = try SQLiteCheckpointStore(path: path)
                let rows = (0..<120).map { CheckpointRow(sequence: $0, state: "s", visit: $0 + 1) }
                let neighbours: [RunID] = ["r", "r0", "r%", "R", ""]
                for run in neighbours { for row in rows { try await store.append(row, to: run) } }
                let sequences = try await store.rows(of: "r").map(\.sequence)
                try await store.clear("r")
                var spoilt: [RunID] = []
                for run in neighbours.dropFirst() where try await store.rows(of: run) != rows { spoilt.append(run) }
                return [
                    "sequences are 0 to 119": sequences == Array(0..<120), "rows afterwards": try await store.rows(of: "r").count,
                    "neighbours that lost rows": spoilt,
                ]
            }
        }

        func unknownKind() async throws -> Facts {
            try await withTemporaryFile { path in
                let store = try SQLiteCheckpointStore(path: path)
                try await store.append(CheckpointRow(sequence: 0, state: "first"), to: "r")
                try await DatabaseQueue(path: path).write { try $0.execute(sql: "UPDATE checkpoint SET kind = 'signal'") }
                let error = try await refusal { try await store.rows(of: "r") }
                return [
                    "code": error?.code, "message names the row": error?.message.contains("row 0"),
                    "runs": try await store.runs().map(\.description),
                ]
            }
        }
    }
#endif
