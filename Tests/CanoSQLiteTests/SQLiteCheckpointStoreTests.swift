#if SQLite
    import CanoCore
    import CanoTesting
    import Foundation
    import GRDB
    import Testing

    @testable import CanoSQLite

    @Suite("Checkpoints in a file", .timeLimit(.minutes(2)))
    struct SQLiteCheckpointStoreTests {
        @Test("CS-1…5: keeps logs as every store does", arguments: CheckpointStoreConformance.all)
        func conforms(_ check: CheckpointStoreConformance) async throws {
            try await withTemporaryFile { path in try await check(try SQLiteCheckpointStore(path: path)) }
        }

        @Test("RB-1, RB-4 changed: logs are there when the file is opened again, also by a second store beside the first")
        func reopening() async throws {
            try await withTemporaryFile { path in
                let row = CheckpointRow(sequence: 0, state: "first", task: "Task", payload: [0, 255], version: "1")
                let first = try SQLiteCheckpointStore(path: path)
                try await first.append(row, to: "r")
                let second = try SQLiteCheckpointStore(path: path)
                #expect(try await second.rows(of: "r") == [row])
                try first.close()
                try second.close()
                #expect(try await SQLiteCheckpointStore(path: path).rows(of: "r") == [row])
            }
        }

        @Test("RB-4 changed: of two stores on one file each sees at once what the other wrote, and one of two drives is refused")
        func besideEachOther() async throws {
            try await withTemporaryFile { path in
                let stores = [try SQLiteCheckpointStore(path: path), try SQLiteCheckpointStore(path: path)]
                for sequence in 0..<10 {
                    let row = CheckpointRow(sequence: sequence, state: "s", visit: sequence + 1, writer: 1)
                    let (first, second) = (stores[sequence % 2], stores[(sequence + 1) % 2])
                    try await first.append(row, to: "r")
                    var another = row
                    another.writer = 2
                    let error = await #expect(throws: CanoError.self) { try await second.append(another, to: "r") }
                    #expect(error?.code == "conflict")
                    try await second.append(row, to: "r")
                    #expect(try await second.rows(of: "r").last == row)
                }
            }
        }

        @Test("RB-3 changed: rows that are committed together are refused one by one, with advice, and leave the others alone")
        func refusedInAGroup() async throws {
            try await withTemporaryFile { path in
                let store = try SQLiteCheckpointStore(path: path)
                func row(_ run: Int, _ sequence: Int) -> CheckpointRow { CheckpointRow(sequence: sequence, state: "\(run).\(sequence)") }
                for run in 0..<40 { try await store.append(row(run, 0), to: RunID("r\(run)")) }
                let refused: [Int] = try await withThrowingTaskGroup(of: Int?.self) { group in
                    for run in 0..<40 {
                        group.addTask {
                            do {
                                // Every fourth one begins its run again.
                                try await store.append(run % 4 == 0 ? row(run + 1, 0) : row(run, 1), to: RunID("r\(run)"))
                                return nil
                            } catch let error as CanoError where error.code == "conflict" {
                                #expect(error.message.contains("resume the run, or clear its log"))
                                #expect(!error.isRetryable)
                                return run
                            }
                        }
                    }
                    return try await group.reduce(into: [Int]()) { refused, run in if let run { refused.append(run) } }
                }
                #expect(refused.sorted() == Array(stride(from: 0, to: 40, by: 4)))
                for run in 0..<40 {
                    let rows = run % 4 == 0 ? [row(run, 0)] : [row(run, 0), row(run, 1)]
                    #expect(try await store.rows(of: RunID("r\(run)")) == rows)
                }
            }
        }

        @Test("RB-6: rows come by their numbers, and clearing removes those of one run, however alike another's name is")
        func order() async throws {
            try await withTemporaryFile { path in
                let store = try SQLiteCheckpointStore(path: path)
                let rows = (0..<120).map { CheckpointRow(sequence: $0, state: "s", visit: $0 + 1) }
                let neighbours: [RunID] = ["r", "r0", "r%", "R", ""]
                for run in neighbours { for row in rows { try await store.append(row, to: run) } }
                #expect(try await store.rows(of: "r").map(\.sequence) == Array(0..<120))
                try await store.clear("r")
                #expect(try await store.rows(of: "r").isEmpty)
                for run in neighbours.dropFirst() { #expect(try await store.rows(of: run) == rows) }
            }
        }

        @Test("RB-2 changed: a row of a kind this release does not know is an error, and left alone")
        func unknownKind() async throws {
            try await withTemporaryFile { path in
                let store = try SQLiteCheckpointStore(path: path)
                try await store.append(CheckpointRow(sequence: 0, state: "first"), to: "r")
                try await DatabaseQueue(path: path).write { try $0.execute(sql: "UPDATE checkpoint SET kind = 'signal'") }
                let error = await #expect(throws: CanoError.self) { try await store.rows(of: "r") }
                #expect(error?.code == "unknown_kind")
                #expect(error?.message.contains("row 0") == true)
                #expect(try await store.runs() == ["r"])
            }
        }

        @Test("a file of a newer release, or of something else, is refused and not changed")
        func foreignFiles() async throws {
            try await withTemporaryFile { path in
                let store = try SQLiteCheckpointStore(path: path)
                try await store.append(CheckpointRow(sequence: 0, state: "first"), to: "r")
                try store.close()
                let newer = try DatabaseQueue(path: path)
                try await newer.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('of a later release')") }
                let error = #expect(throws: CanoError.self) { try SQLiteCheckpointStore(path: path) }
                #expect(error?.code == "unknown_format")
                #expect(try await newer.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM checkpoint") } == 1)
            }
            try await withTemporaryFile { path in
                let text = Data(String(repeating: "not a database ", count: 100).utf8)
                try text.write(to: URL(filePath: path))
                let error = #expect(throws: CanoError.self) { try SQLiteCheckpointStore(path: path) }
                #expect(error?.category == .checkpointStore)
                #expect(try Data(contentsOf: URL(filePath: path)) == text)
            }
        }

        @Test("a new file that several stores open at the same time is laid out once")
        func openedTogether() async throws {
            try await withTemporaryFile { path in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for run in 0..<8 {
                        group.addTask {
                            let store = try SQLiteCheckpointStore(path: path)
                            try await store.append(CheckpointRow(sequence: 0, state: "first"), to: RunID("r\(run)"))
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(try await SQLiteCheckpointStore(path: path).runs().count == 8)
            }
        }

        @Test("a commit waits for the disk: WAL, and full synchronisation")
        func durability() async throws {
            try await withTemporaryFile { path in
                let database = try SQLiteCheckpointStore.open(path)
                let (journal, synchronous) = try await database.write { database in
                    (
                        try String.fetchOne(database, sql: "PRAGMA journal_mode"),
                        try Int.fetchOne(database, sql: "PRAGMA synchronous")
                    )
                }
                #expect(journal == "wal")
                #expect(synchronous == 2)
            }
        }

        @Test("many runs at the same time keep their logs apart and leave none behind")
        func together() async throws {
            try await withTemporaryFile { path in
                let store = try SQLiteCheckpointStore(path: path)
                let runtime = WorkflowRuntime(checkpoints: store)
                let workflow = Workflow<Stage>().register(.first) { _ in .second }.register(.second) { _ in .done }.addExitState(.done)
                try await withThrowingTaskGroup(of: Stage.self) { group in
                    for run in 0..<100 {
                        group.addTask { try await workflow.orchestrate(from: .first, as: RunID("r\(run)"), in: runtime) }
                    }
                    for try await end in group { #expect(end == .done) }
                }
                #expect(try await store.runs().isEmpty)
            }
        }

        @Test("a run goes on from its file, in the visit it was in")
        func resuming() async throws {
            try await withTemporaryFile { path in
                let flaky = FlakyTask<Stage>(failing: 1, then: .done, config: .minimal)
                let workflow = Workflow<Stage>().register(.first) { _ in .second }.register(.second, flaky).addExitState(.done)
                let store = try SQLiteCheckpointStore(path: path)
                await #expect(throws: CanoError.self) {
                    try await workflow.orchestrate(from: .first, as: "r", in: WorkflowRuntime(checkpoints: store))
                }
                try store.close()
                let reopened = try SQLiteCheckpointStore(path: path)
                #expect(try await reopened.runs() == ["r"])
                #expect(try await workflow.resume("r", in: WorkflowRuntime(checkpoints: reopened)) == .done)
                #expect(try await reopened.runs().isEmpty)
            }
        }
    }

    enum Stage: String, WorkflowState { case first, second, done }

    /// Runs the body with a path where there is no file, and removes what is there afterwards.
    func withTemporaryFile(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "cano-sqlite-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        do {
            try await body(folder.appending(path: "checkpoints.sqlite").path)
        } catch {
            try FileManager.default.removeItem(at: folder)
            throw error
        }
        try FileManager.default.removeItem(at: folder)
    }
#endif
