#if SQLite
    import CanoBus
    import CanoPrimitives
    import CanoRedis
    import GRDB

    /// An event as it is in the table.
    enum StoredEvent {
        static let insertion = """
            INSERT INTO event (run, subject, ms, seq, sequence, type, time, epoch, bridge, data, id, workflow, traceparent)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """

        /// The same of an event that is of no run: on two shards one may have the same entry and subject, and the first counts.
        static let insertionOfNoRun = insertion.replacing("INSERT INTO", with: "INSERT OR IGNORE INTO")

        /// What ``read(_:of:on:)`` needs, up to the condition.
        static let selection = """
            SELECT event.*, types.text AS type_text, bridges.text AS bridge_text, workflows.text AS workflow_text
            FROM event JOIN term types ON types.number = event.type JOIN term bridges ON bridges.number = event.bridge
            LEFT JOIN term workflows ON workflows.number = event.workflow
            """

        /// The values of a row.
        ///
        /// - Parameters:
        ///   - event: The event.
        ///   - run: The number of the run it is about; 0 where none is known.
        ///   - term: The number of a text.
        /// - Returns: One for each column.
        /// - Throws: What `term` throws.
        static func values(
            _ event: HistoryEvent, run: Int64, _ term: (String) throws -> Int64
        ) throws -> [(any DatabaseValueConvertible)?] {
            let entry = event.event
            let isCounted = event.number != nil
            return [
                run, run == 0 ? entry.subject : "", event.entry.ms, event.entry.seq, isCounted ? entry.sequence : -entry.sequence,
                try term(entry.typeName), event.time, entry.epoch, try term(entry.bridge), entry.dataJSON,
                isCounted ? nil : entry.id, isCounted ? nil : try term(entry.workflow),
                isCounted || entry.traceparent.isEmpty ? nil : entry.traceparent,
            ]
        }

        /// Reads a row of ``selection``: the entry as it was on the stream.
        ///
        /// - Parameters:
        ///   - row: The row.
        ///   - run: The run, from which its own events have their id, their workflow and their trace.
        ///   - keys: The bus.
        /// - Returns: The event.
        static func read(_ row: Row, of run: HistoricRun, on keys: BusKeys) -> HistoryEvent {
            let sequence = abs(row["sequence"] as Int)
            let workflow = row["workflow_text"] as String? ?? run.workflow
            let isCounted = row["id"] as String? == nil
            let values: [(Field, String)] = [
                (.specversion, "1.0"), (.id, row["id"] ?? "\(run.id)/\(EventEntry.printed(sequence: sequence))"),
                (.source, keys.eventSource(of: workflow)), (.type, row["type_text"]), (.subject, run.id),
                (.time, Timestamp.text(row["time"])), (.workflow, workflow), (.sequence, EventEntry.printed(sequence: sequence)),
                (.epoch, String(row["epoch"] as Int)), (.bridge, row["bridge_text"]),
                (.traceparent, row["traceparent"] ?? (isCounted ? run.traceparent : "")), (.datacontenttype, "application/json"),
                (.data, row["data"]),
            ]
            let event = EventEntry(values.map { (Array($0.0.rawValue.utf8), Array($0.1.utf8)) })
            let entry = StreamEntryID(milliseconds: UInt64(clamping: row["ms"] as Int64), sequence: UInt64(clamping: row["seq"] as Int64))
            return HistoryEvent(event, entry: entry)
        }
    }

    extension StreamEntryID {
        /// The first part as SQLite holds it. Ids beyond it are those of streams that have used up their ids.
        var ms: Int64 { Int64(clamping: milliseconds) }
        /// The second part.
        var seq: Int64 { Int64(clamping: sequence) }
    }
#endif
