#if SQLite
    import CanoBus
    import CanoClient
    import CanoRedis
    import CanoTesting
    import Foundation
    import GRDB
    import RedisServerFixture

    @testable import CanoHistory

    /// Runs the body with a path where there is no file, and removes what is there afterwards.
    func withTemporaryPath<Answer>(_ body: (String) async throws -> Answer) async throws -> Answer {
        let folder = FileManager.default.temporaryDirectory.appending(path: "cano-history-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let answer: Answer
        do {
            answer = try await body(folder.appending(path: "history.sqlite").path)
        } catch {
            try FileManager.default.removeItem(at: folder)
            throw error
        }
        try FileManager.default.removeItem(at: folder)
        return answer
    }

    extension HistoryFile {
        /// The file with a story in it, as if its pages had so many entries.
        static func telling(_ story: Story, page: Int = 50, at path: String) async throws -> HistoryFile {
            let file = try HistoryFile(path: path)
            try await file.take(story.entries, page: page)
            return file
        }

        /// Stores entries behind what is there.
        func take(_ entries: [StreamEntry], page: Int = 50) async throws {
            let shard = HistoryShard(try BusKeys())
            var bookmark = try await bookmark(of: shard)
            for start in stride(from: 0, to: entries.count, by: page) {
                let slice = Array(entries[start..<min(start + page, entries.count)])
                guard let next = try await store(slice, after: bookmark, of: shard) else { throw CancellationError() }
                bookmark = next
            }
        }

        /// All that is in the file but the numbers of texts and of rows, to be compared with another one.
        func contents() async throws -> [String: [String]] {
            try await database.read { database in
                let queries = [
                    "run": "\(StoredRun.selection) ORDER BY run.number",
                    "event": "SELECT event.run, subject, ms, seq, sequence, time, epoch, data, id, traceparent, types.text FROM event "
                        + "JOIN term types ON types.number = event.type ORDER BY event.run, subject, ms, seq",
                    "attribute": "SELECT * FROM attribute ORDER BY name, value, run",
                    "tally": "SELECT w.text, v.text, status, runs FROM tally JOIN term w ON w.number = workflow "
                        + "LEFT JOIN term v ON v.number = version WHERE runs != 0 ORDER BY 1, 2, 3",
                    "visit": "SELECT w.text, s.text, span, start, bucket, count, longest FROM visit JOIN term w ON w.number = workflow "
                        + "JOIN term s ON s.number = state ORDER BY 1, 2, 3, 4, 5",
                    "words": "SELECT rowid FROM run_text WHERE run_text MATCH 'order OR refused OR customer' ORDER BY rowid",
                ]
                let numbered: Set = ["workflow", "version", "state", "bridge"]
                return try queries.mapValues { sql in
                    try Row.fetchAll(database, sql: sql).map { row in
                        row.filter { !numbered.contains($0.0) }.map { "\($0.0)=\($0.1)" }.joined(separator: " ")
                    }
                }
            }
        }
    }

    /// A bus on a server of its own, with a projection into a file that begins and ends with the calls.
    func withBus<Result: Sendable>(
        _ options: RedisServerOptions = RedisServerOptions(), prefix: String = BusKeys.standardPrefix, shards: Int = 1,
        _ body: (RedisServer, BusClient) async throws -> Result
    ) async throws -> Result {
        try await withRedisServer(options) { server in
            try await BusClient.with(.patient(server.url), prefix: prefix, shards: shards, logger: quietLogger) { bus in
                // A shard that is asked nothing is not connected to.
                _ = try await bus.onEachShard { try await $0.now() }
                return try await body(server, bus)
            }
        }
    }

    extension BusClient {
        /// Publishes events with ids of the server's own.
        func publish(_ events: some Sequence<(id: StreamEntryID, fields: [(name: String, value: String)])>) async throws {
            for client in clients {
                // On the shard of what they are about.
                let own = events.filter { event in
                    shards.shard(of: event.fields.first { $0.name == "subject" }?.value ?? "") == client.number
                }
                let entries = own.map { XADD(client.keys.events, texts: $0.fields.map { ($0.name, $0.value) }) }
                for result in try await client.redis.pipeline(entries) { _ = try result.get() }
            }
        }

        /// Writes the record of a run.
        func write(_ record: [String: String], of run: String) async throws {
            let client = clients[shards.shard(of: run)]
            _ = try await client.redis.execute(HSET(client.keys.record(of: run), record.map { ($0.key, Array($0.value.utf8)) }))
        }

        /// Keeps the history until the body ends.
        func projecting(into file: HistoryFile, keeping time: Duration? = nil, _ body: () async throws -> Void) async throws {
            let projection = HistoryProjection(of: self, into: file, keeping: time, logger: quietLogger)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await projection.run() }
                try await body()
                group.cancelAll()
                while let result = await group.nextResult() {
                    if case .failure(let error) = result, !(error is CancellationError) { throw error }
                }
            }
        }

        /// Keeps the history until all is in it that the stream has, and nothing is left to repair.
        func project(into file: HistoryFile, keeping time: Duration? = nil) async throws {
            let last = try await onEachShard { try await $0.redis.execute(XREVRANGE($0.keys.events, count: 1)).first?.id ?? .zero }
            try await projecting(into: file, keeping: time) {
                try await eventually(within: .seconds(60), "the history has all of the stream") {
                    var lags: [HistoryLag?] = []
                    for number in shards.keys.indices {
                        let shard = HistoryShard(number, of: shards)
                        let bookmark = try await file.bookmark(of: shard)
                        let doubtful = try await file.doubtfulRuns(of: shard, count: 1)
                        guard bookmark.entry >= last[number], !bookmark.isSweepDue, doubtful.isEmpty else { return false }
                        lags.append(HistoryLag(bookmark, behind: (0, .zero), isRepairing: false))
                    }
                    return file.lag == HistoryLag(lags)
                }
            }
        }
    }
#endif
