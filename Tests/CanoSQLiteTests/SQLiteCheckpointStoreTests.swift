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

        @Test(
            "a log with a value that is not of its column's type is refused",
            arguments: ["visit = 'two'", "task = x'37'", "next = x'00'", "payload = 'text'", "replaces = 1.5", "writer = 'me'"])
        func damaged(_ damage: String) async throws {
            try await withTemporaryFile { path in
                let store = try SQLiteCheckpointStore(path: path)
                try await store.append(CheckpointRow(sequence: 0, state: "first"), to: "r")
                let other = try DatabaseQueue(path: path)
                try await other.write { try $0.execute(sql: "UPDATE checkpoint SET \(damage)") }
                let error = await #expect(throws: CanoError.self) { try await store.rows(of: "r") }
                #expect(error?.code == "malformed_log")
            }
        }

        @Test("a text that SQLite would cut short is refused: two runs would have one log")
        func zeroCharacters() async throws {
            try await withTemporaryFile { path in
                let store = try SQLiteCheckpointStore(path: path)
                try await store.append(CheckpointRow(sequence: 0, state: "first"), to: "r")
                for (run, state) in [("r\u{0}1", "first"), ("other", "fir\u{0}st")] {
                    let error = await #expect(throws: CanoError.self) {
                        try await store.append(CheckpointRow(sequence: 0, state: state), to: RunID(run))
                    }
                    #expect(error?.code == "zero_character")
                }
                await #expect(throws: CanoError.self) { try await store.rows(of: "r\u{0}1") }
                await #expect(throws: CanoError.self) { try await store.clear("r\u{0}1") }
                #expect(try await store.rows(of: "r").count == 1)
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
                #expect(try await workflow.orchestrate(resuming: "r", in: WorkflowRuntime(checkpoints: reopened)) == .done)
                #expect(try await reopened.runs().isEmpty)
            }
        }
    }

    enum Stage: String, WorkflowState { case first, second, done }
#endif
