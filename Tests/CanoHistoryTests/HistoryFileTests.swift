#if SQLite
    import CanoBus
    import CanoClient
    import CanoRedis
    import CanoTesting
    import Foundation
    import GRDB
    import Testing

    @testable import CanoHistory

    @Suite("The file of a history", .timeLimit(.minutes(2)))
    struct HistoryFileTests {
        /// Runs of every kind, mixed.
        static func story(_ seed: UInt64, runs: Int = 60) throws -> Story {
            var generator = SeededGenerator(seed: seed)
            var story = Story()
            var next: [Int: Int] = [:]
            var open = Array(0..<runs)
            while let run = open.randomElement(using: &generator) {
                let (id, step) = ("order-\(run)", next[run, default: 0])
                next[run] = step + 1
                story.pass(Int64.random(in: 0...50, using: &generator))
                switch (run % 4, step) {
                case (_, 0):
                    let attributes = try RunAttributes(["customer": .text("c-\(run % 7)"), "total": .number(Double(run % 5))])
                    story.tell(
                        id, RunStarted(version: "\(run % 3)", state: "first", input: "1", attributes: attributes), workflow: "w-\(run % 2)")
                case (0, 4):
                    story.tell(id, RunCompleted(state: "done", output: "1", duration: 9), workflow: "w-\(run % 2)")
                    open.removeAll { $0 == run }
                case (1, 3):
                    let failure = RunFailure(code: "refused-\(run % 3)", message: "refused again", category: "timeout", state: "s").json
                    story.tell(
                        id, RunFailed(state: "s", error: failure, rollback: .none, isResumable: true, duration: 3), workflow: "w-\(run % 2)"
                    )
                    open.removeAll { $0 == run }
                case (2, 2):
                    story.tell(id, RunWaiting(state: "approve", signals: ["yes"], until: nil), workflow: "w-\(run % 2)")
                    open.removeAll { $0 == run }
                case (3, 5):
                    story.tell(id, RunCancelled(state: "s", reason: "enough", rollback: .clean, duration: 3), workflow: "w-\(run % 2)")
                    open.removeAll { $0 == run }
                default:
                    if step == 1, run % 5 == 0 {
                        story.tellAside(
                            id, SignalTaken(name: "yes", messageID: nil, outcome: .kept, unread: 1),
                            id: "\(id)/signal/control/\(step)-\(run)",
                            workflow: "w-\(run % 2)")
                    }
                    story.tell(id, StateEntered(state: "state-\(step)", previous: "first"), workflow: "w-\(run % 2)")
                }
            }
            return story
        }

        @Test("has the same in it whether the stream was read in one go, in small pages, or by one process after another", arguments: 1...8)
        func prefixes(_ seed: UInt64) async throws {
            let entries = try Self.story(seed).entries
            try await withTemporaryPath { path in
                let whole = try HistoryFile(path: path)
                try await whole.take(entries, page: entries.count)
                let expected = try await whole.contents()
                #expect(expected["run"]?.count == 60)
                #expect(expected["event"]?.count == entries.count)
                var generator = SeededGenerator(seed: seed)
                for attempt in 0..<4 {
                    let other = path + "-\(attempt)"
                    let cut = Int.random(in: 0...entries.count, using: &generator)
                    var file = try HistoryFile(path: other)
                    try await file.take(Array(entries[..<cut]), page: Int.random(in: 1...40, using: &generator))
                    try file.close()
                    file = try HistoryFile(path: other)
                    try await file.take(Array(entries[cut...]), page: Int.random(in: 1...40, using: &generator))
                    #expect(try await file.contents() == expected)
                    try file.close()
                }
            }
        }

        @Test("tells each run as its events do", arguments: [11, 12])
        func folds(_ seed: UInt64) async throws {
            let story = try Self.story(seed)
            try await withTemporaryPath { path in
                let file = try await HistoryFile.telling(story, page: 17, at: path)
                let history = RunHistory(file)
                for run in 0..<60 {
                    let told = try #require(try await history.run("order-\(run)"))
                    var folded = try #require(story.fold("order-\(run)")).run
                    folded = HistoricRun(copying: folded, number: told.number)
                    #expect(told == folded)
                }
            }
        }

        @Test("takes nothing twice where it is read again, and nothing where another process was first")
        func again() async throws {
            let entries = try Self.story(3).entries
            try await withTemporaryPath { path in
                let file = try HistoryFile(path: path)
                try await file.take(entries)
                let expected = try await file.contents()
                // The stream was put back: all of it is read again.
                let keys = try BusKeys()
                let end = try await file.bookmark(of: HistoryShard(keys))
                var back = end
                back.entry = .zero
                back.count = 0
                back.replacements = 1
                #expect(try await file.move(end, to: back, of: HistoryShard(keys)) == back)
                try await file.take(entries)
                #expect(try await file.contents() == expected)
                #expect(try await file.store(Array(entries.prefix(9)), after: back, of: HistoryShard(keys)) == nil)
                #expect(try await file.contents() == expected)
            }
        }

        @Test("keeps both runs that had an id, and tells the last")
        func reused() async throws {
            var story = Story()
            story.fail("order-1")
            story.pass(100_000)
            story.goBack("order-1")
            story.complete("order-1")
            let end = story
            try await withTemporaryPath { path in
                let file = try await HistoryFile.telling(end, page: 2, at: path)
                let history = RunHistory(file)
                let page = try await history.runs()
                #expect(page.runs.map(\.status) == [.completed, .failed])
                #expect(page.runs.allSatisfy { $0.missingEvents == 0 })
                #expect(try await history.run("order-1")?.status == .completed)
                #expect(try await history.timeline(of: "order-1")?.timeline.events.count == 3)
                #expect(try await history.timeline(of: "order-1", number: page.runs[1].number)?.timeline.events.count == 2)
                #expect(try await history.summary().first?.runs == [.completed: 1, .failed: 1])
            }
        }

        @Test("follows a run that went on from an earlier step, because Redis had lost the later ones")
        func putBack() async throws {
            var story = Story()
            story.tell("order-1", RunStarted(version: "1", state: "first", input: "1"))
            story.tell("order-1", StateEntered(state: "second", previous: "first"))
            story.tell("order-1", RunCompleted(state: "done", output: "1", duration: 3))
            story.goBack("order-1", to: 1)
            story.tell("order-1", StateEntered(state: "other", previous: "first"), epoch: 2)
            let end = story
            try await withTemporaryPath { path in
                let file = try await HistoryFile.telling(end, page: 3, at: path)
                let told = try #require(try await RunHistory(file).timeline(of: "order-1"))
                #expect(told.run.status == .running && told.run.state == "other" && told.run.events == 2)
                #expect(told.run.missingEvents == 0 && told.run.epoch == 2 && told.run.finished == nil)
                #expect(told.timeline.isWhole)
                #expect(try await RunHistory(file).runs().runs.count == 1)
                #expect(try await RunHistory(file).summary().first?.runs == [.running: 1])
            }
        }

        @Test("gives events back as they were on the stream, with those about signals that came before their run")
        func timeline() async throws {
            var story = Story()
            story.tellAside(
                "order-1", SignalTaken(name: "paid", messageID: "m", outcome: .early, unread: 1), id: "order-1/signal/control/1-0",
                workflow: "")
            story.complete("order-1")
            story.tellAside(
                "order-1", RunDuplicate(status: .completed, hasSameWorkflow: true, hasSameInput: true), id: "order-1/duplicate/commands/2-0"
            )
            let told = story
            try await withTemporaryPath { path in
                let file = try await HistoryFile.telling(told, page: 2, at: path)
                let timeline = try #require(try await RunHistory(file).timeline(of: "order-1")).timeline
                #expect(timeline.events == told.entries.map { EventEntry($0.fields) })
                #expect(timeline.isWhole)
                #expect(try await RunHistory(file).timeline(of: "order-2") == nil)
            }
        }

        @Test("keeps what a schedule says from a run that is called as it is")
        func schedules() async throws {
            var story = Story()
            story.complete("nightly")
            story.tellAside("nightly", ScheduleRemoved(), id: "schedule/nightly/control/1-0")
            let told = story
            try await withTemporaryPath { path in
                let file = try await HistoryFile.telling(told, at: path)
                #expect(try await RunHistory(file).timeline(of: "nightly")?.timeline.events.count == 3)
                #expect(try await file.contents()["event"]?.count == 4)
            }
        }

        @Test("loses the runs whose time is over, with all that was theirs, and none that go on")
        func removal() async throws {
            let story = try Self.story(5)
            try await withTemporaryPath { path in
                let file = try await HistoryFile.telling(story, at: path)
                let keys = try BusKeys()
                let history = RunHistory(file)
                let ended = try await history.runs(HistoryFilter([.completed, .failed, .cancelled]), count: 1_000).runs
                let middle = try #require(ended.compactMap(\.finished).sorted().dropFirst(ended.count / 2).first)
                while try await file.remove(before: middle, count: 4, of: HistoryShard(keys)) {}
                let left = try await history.runs(count: 1_000).runs
                #expect(
                    Set(left.map(\.id))
                        == Set((0..<60).map { "order-\($0)" }).subtracting(ended.filter { $0.finished ?? 0 < middle }.map(\.id)))
                while try await file.remove(before: .max / 2, count: 7, of: HistoryShard(keys)) {}
                let contents = try await file.contents()
                let open = Set(try await history.runs(count: 1_000).runs.map(\.number))
                #expect(open.count == 15)
                #expect(contents["words"]?.count == 15)
                #expect(contents["attribute"]?.count == 30)
                #expect(contents["tally"]?.count == 3)
                #expect(contents["visit"] == [])
                #expect(try await file.database.read { try Int64.fetchSet($0, sql: "SELECT DISTINCT run FROM event") } == open)
                try await file.database.write { try $0.execute(sql: "INSERT INTO run_text (run_text) VALUES ('integrity-check')") }
            }
        }

        @Test("of an earlier release goes on where it was")
        func migrated() async throws {
            try await withTemporaryPath { path in
                let old = try DatabaseQueue(path: path)
                try HistorySchema.migrator.migrate(old, upTo: "history")
                try await old.write { database in
                    try database.execute(sql: "INSERT INTO bookmark VALUES (0, 'cano', '7-1', '9-0', 5, 1, 2, 1)")
                    try database.execute(
                        sql: """
                            INSERT INTO term VALUES (1, 'orders'); INSERT INTO run (number, id, workflow, status, state, created, updated, epoch, bridge,
                              events, missing, retries, doubtful, resumable) VALUES (65536, 'order-1', 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 0)
                            """)
                }
                try old.close()
                let file = try HistoryFile(path: path)
                let shard = HistoryShard(try BusKeys())
                let bookmark = try await file.bookmark(of: shard)
                #expect(bookmark.entry == StreamEntryID("7-1") && bookmark.highest == StreamEntryID("9-0") && bookmark.count == 5)
                #expect(bookmark.replacements == 1 && bookmark.lost == 2 && bookmark.isSweepDue)
                #expect(try await file.doubtfulRuns(of: shard, count: 9) == ["order-1"])
            }
        }

        @Test("is refused to a bus with another prefix, and where it can't be a file")
        func refused() async throws {
            try await withTemporaryPath { path in
                let file = try HistoryFile(path: path)
                _ = try await file.bookmark(of: HistoryShard(try BusKeys()))
                await #expect(throws: HistoryError.self) { try await file.bookmark(of: HistoryShard(try BusKeys(prefix: "other"))) }
                #expect(throws: HistoryError.self) { try HistoryFile(path: path + "/none/history.sqlite") }
                try Data("no database, and longer than a header of one is: it has some hundred characters in it, all of them text".utf8)
                    .write(to: URL(filePath: path + "-text"))
                #expect(throws: HistoryError.self) { try HistoryFile(path: path + "-text") }
            }
        }
    }

    extension HistoricRun {
        /// The same run in another place.
        init(copying run: HistoricRun, number: Int64) {
            self.init(
                id: run.id, number: number, workflow: run.workflow, status: run.status, created: run.created, epoch: run.epoch,
                bridge: run.bridge)
            (version, state, started, finished, updated) = (run.version, run.state, run.started, run.finished, run.updated)
            (errorCode, errorMessage, rollback, isResumable) = (run.errorCode, run.errorMessage, run.rollback, run.isResumable)
            (attributesJSON, parent, root, retries) = (run.attributesJSON, run.parent, run.root, run.retries)
            (waitingSince, wakeAt, awaited, events) = (run.waitingSince, run.wakeAt, run.awaited, run.events)
            (missingEvents, entered, isDoubtful, traceparent) = (run.missingEvents, run.entered, run.isDoubtful, run.traceparent)
        }
    }
#endif
