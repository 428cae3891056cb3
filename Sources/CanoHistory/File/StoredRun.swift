#if SQLite
    import CanoBus
    import GRDB

    /// A run as it is in the table.
    enum StoredRun {
        private static let columns = [
            "number", "id", "workflow", "version", "status", "state", "created", "started", "finished", "updated", "epoch", "bridge",
            "events",
            "missing", "retries", "doubtful", "resumable", "entered", "waiting_since", "wake_at", "awaited", "error_code", "error_message",
            "rollback", "attributes", "parent", "root", "traceparent", "shard",
        ]

        /// What ``read(_:)`` needs, up to the condition.
        static let selection = """
            SELECT run.*, workflows.text AS workflow_text, versions.text AS version_text, states.text AS state_text, bridges.text AS bridge_text
            FROM run JOIN term workflows ON workflows.number = run.workflow LEFT JOIN term versions ON versions.number = run.version
            JOIN term states ON states.number = run.state JOIN term bridges ON bridges.number = run.bridge
            """

        static let insertion =
            "INSERT INTO run (\(columns.joined(separator: ", "))) VALUES (\(columns.map { _ in "?" }.joined(separator: ", ")))"

        static let update = "UPDATE run SET \(columns.dropFirst().map { "\($0) = ?" }.joined(separator: ", ")) WHERE number = ?"

        /// The values of all columns but the number, in their order.
        static func values(_ run: HistoricRun, _ term: (String) throws -> Int64) throws -> [(any DatabaseValueConvertible)?] {
            [
                run.id, try term(run.workflow), try run.version.map(term), run.status.code, try term(run.state), run.created, run.started,
                run.finished, run.updated, run.epoch, try term(run.bridge), run.events, run.missingEvents, run.retries, run.isDoubtful,
                run.isResumable, run.entered, run.waitingSince, run.wakeAt, run.awaited, run.errorCode, run.errorMessage,
                run.rollback?.rawValue, run.attributesJSON, run.parent, run.root, run.traceparent.isEmpty ? nil : run.traceparent,
                run.shard,
            ]
        }

        /// Reads a row of ``selection``.
        static func read(_ row: Row) -> HistoricRun {
            var run = HistoricRun(
                id: row["id"], number: row["number"], workflow: row["workflow_text"],
                status: HistoryStatus(code: row["status"]) ?? .lost, created: row["created"], epoch: row["epoch"],
                bridge: row["bridge_text"])
            run.version = row["version_text"]
            run.state = row["state_text"]
            run.started = row["started"]
            run.finished = row["finished"]
            run.updated = row["updated"]
            run.events = row["events"]
            run.missingEvents = row["missing"]
            run.retries = row["retries"]
            run.isDoubtful = row["doubtful"]
            run.isResumable = row["resumable"]
            run.entered = row["entered"]
            run.waitingSince = row["waiting_since"]
            run.wakeAt = row["wake_at"]
            run.awaited = row["awaited"]
            run.errorCode = row["error_code"]
            run.errorMessage = row["error_message"]
            run.rollback = (row["rollback"] as String?).flatMap { RollbackResult(rawValue: $0) }
            run.attributesJSON = row["attributes"]
            run.parent = row["parent"]
            run.root = row["root"]
            run.traceparent = row["traceparent"] ?? ""
            run.shard = row["shard"]
            return run
        }

        /// The last run that has an id.
        static func latest(_ id: String, in database: Database) throws -> HistoricRun? {
            try Row.fetchOne(
                database.cachedStatement(sql: "\(selection) WHERE run.id = ? ORDER BY run.number DESC LIMIT 1"), arguments: [id]
            ).map(read)
        }
    }
#endif
