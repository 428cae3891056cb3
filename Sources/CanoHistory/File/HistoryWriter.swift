#if SQLite
    import CanoBus
    import CanoClient
    import CanoRedis
    import GRDB

    /// Writes what events and records come to, in one transaction. A run that many events are about is read and written once.
    struct HistoryWriter {
        private struct OpenRun {
            var fold: RunFold
            /// As it is in the file; nil of one that is not.
            let stored: HistoricRun?
        }

        /// What is later than a record by more was not heard of since: it has a wrong time.
        private static let clockError: Int64 = 60_000

        private let database: Database
        private let shard: HistoryShard
        private let terms: Terms
        /// Up to where entries may be in the file already.
        private let highest: StreamEntryID
        private var open: [String: OpenRun] = [:]
        private var numbers: [Int64: Int64] = [:]
        private var totals = HistoryTotals()
        /// The numbers of texts that are to be remembered once all of it is committed.
        private(set) var newTerms: [String: Int64] = [:]

        init(_ database: Database, shard: HistoryShard, terms: Terms, highest: StreamEntryID) {
            self.database = database
            self.shard = shard
            self.terms = terms
            self.highest = highest
        }

        /// Takes the next event of the stream.
        mutating func take(_ event: HistoryEvent) throws {
            let id = event.event.subject
            if event.entry <= highest, try isStored(event) { return }
            guard event.isAboutRun else { return try insert(event, of: 0) }
            var run = try openRun(id)
            guard let number = event.number else {
                // What was said of it on another shard has an entry that an event of its own may have as well.
                let known = run.flatMap { $0.fold.run.shard == shard.number ? $0.fold.run.number : nil }
                return try insert(event, of: known ?? 0)
            }
            if let known = run?.fold.run, number <= known.events {
                if number == 1, known.status.isOver {
                    // Its record is gone, and the id was used again.
                    try close(id, isOutlived: true)
                    run = nil
                } else {
                    // Redis has lost what came after the event before this one, and the run has gone on from there.
                    run?.fold = try foldAgain(known, before: number)
                }
            }
            var next = try run ?? OpenRun(fold: RunFold(event, number: try freeNumber(at: event.time), shard: shard.number), stored: nil)
            next.fold.take(event, number: number)
            open[id] = next
            try insert(event, of: next.fold.run.number)
        }

        /// Takes what a run's record said.
        ///
        /// - Parameters:
        ///   - record: The record; nil where there was none.
        ///   - id: The run.
        ///   - moment: When it was read.
        ///   - oldest: Runs that ended before are not added.
        /// - Throws: SQLite's errors.
        mutating func take(_ record: RecordedRun?, of id: String, readAt moment: Int64, keepingFrom oldest: Int64) throws {
            let run = try openRun(id)
            // It was heard of since: its record is to be read again.
            if record == nil, let run, (moment..<moment + Self.clockError).contains(run.fold.run.updated) { return }
            switch RecordCheck.of(record, against: run?.fold.run) {
            case .nothing: break
            case .change(let changed): open[id] = OpenRun(fold: RunFold(changed), stored: run?.stored)
            case .add:
                // Its time was over before it was seen.
                guard let record, record.listed.finished ?? .max >= oldest else { return }
                try close(id, isOutlived: true)
                let missed = HistoricRun(record, number: try freeNumber(at: record.created), shard: shard.number)
                open[id] = OpenRun(fold: RunFold(missed), stored: nil)
            }
        }

        /// Removes a run with all that belongs to it.
        mutating func remove(_ run: HistoricRun) throws {
            try execute("DELETE FROM event WHERE run = ? AND subject = ''", [run.number])
            try indexTexts(of: run, isRemoval: true)
            for (name, value) in run.attributes.values {
                try execute("DELETE FROM attribute WHERE name = ? AND value = ? AND run = ?", [name, value.key, run.number])
            }
            try execute("DELETE FROM run WHERE number = ?", [run.number])
            totals.count(run, by: -1)
        }

        /// Writes all that was gathered.
        mutating func finish() throws {
            for id in open.sorted(by: { $0.value.fold.run.number < $1.value.fold.run.number }).map(\.key) { try close(id) }
            try totals.write(in: database) { try term($0) }
        }

        // MARK: Runs

        private mutating func openRun(_ id: String) throws -> OpenRun? {
            if let run = open[id] { return run }
            guard let stored = try StoredRun.latest(id, in: database) else { return nil }
            let run = OpenRun(fold: RunFold(stored), stored: stored)
            open[id] = run
            return run
        }

        /// Writes a run. Of one whose id another has now nothing can be asked any more.
        private mutating func close(_ id: String, isOutlived: Bool = false) throws {
            guard let closed = open.removeValue(forKey: id) else { return }
            var run = closed.fold.run
            if isOutlived { run.isDoubtful = false }
            for visit in closed.fold.visits { totals.count(visit) }
            guard closed.stored != run else { return }
            let values = try StoredRun.values(run) { try term($0) }
            if let stored = closed.stored {
                try execute(StoredRun.update, values + [run.number])
                totals.count(stored, by: -1)
            } else {
                try execute(StoredRun.insertion, [run.number] + values)
            }
            totals.count(run, by: 1)
            if closed.stored.map({ $0.errorMessage != run.errorMessage || $0.attributesJSON != run.attributesJSON }) ?? true {
                if let stored = closed.stored { try indexTexts(of: stored, isRemoval: true) }
                try indexTexts(of: run, isRemoval: false)
            }
            guard closed.stored?.attributesJSON != run.attributesJSON else { return }
            for (name, value) in run.attributes.values {
                try execute("INSERT OR IGNORE INTO attribute VALUES (?, ?, ?)", [name, value.key, run.number])
            }
        }

        /// Adds the texts that a run is found by, or removes them, which takes the same texts once more.
        private func indexTexts(of run: HistoricRun, isRemoval: Bool) throws {
            if isRemoval {
                try execute(
                    "INSERT INTO run_text (run_text, rowid, id, error_message, attributes) VALUES ('delete', ?, ?, ?, ?)",
                    [run.number, run.id, run.errorMessage, run.attributesJSON])
            } else {
                try execute(
                    "INSERT INTO run_text (rowid, id, error_message, attributes) VALUES (?, ?, ?, ?)",
                    [run.number, run.id, run.errorMessage, run.attributesJSON])
            }
        }

        /// The next number of a run that was taken at that moment.
        private mutating func freeNumber(at moment: Int64) throws -> Int64 {
            var base = min(max(moment, 0), 1 << 46) << 16
            while true {
                // 0 is no run.
                let least = max(1, base)
                let last =
                    try numbers[base]
                    ?? Int64.fetchOne(
                        database.cachedStatement(sql: "SELECT max(number) FROM run WHERE number < ?"), arguments: [base + 65_536]) ?? 0
                let number = max(least, last + 1)
                if number < base + 65_536 {
                    numbers[base] = number
                    return number
                }
                base += 65_536
            }
        }

        // MARK: Events

        private mutating func insert(_ event: HistoryEvent, of run: Int64) throws {
            let values = try StoredEvent.values(event, run: run) { try term($0) }
            try execute(run == 0 ? StoredEvent.insertionOfNoRun : StoredEvent.insertion, values)
        }

        private func isStored(_ event: HistoryEvent) throws -> Bool {
            let (id, ms, seq) = (event.event.subject, event.entry.ms, event.entry.seq)
            return try Int.fetchOne(
                database.cachedStatement(
                    sql: """
                        SELECT 1 FROM run JOIN event ON event.run = run.number AND subject = '' AND ms = ? AND seq = ? WHERE run.id = ?
                        UNION ALL SELECT 1 FROM event WHERE run = 0 AND subject = ? AND ms = ? AND seq = ?
                        """), arguments: [ms, seq, id, id, ms, seq]) != nil
        }

        /// Forgets a run's events from one on, and tells the run from those that are left. Stays in states that ended with the others were real, and
        /// count.
        private mutating func foldAgain(_ run: HistoricRun, before number: Int) throws -> RunFold {
            try execute("DELETE FROM event WHERE run = ? AND subject = '' AND sequence >= ?", [run.number, number])
            var fold = RunFold(again: run)
            let left = try Row.fetchCursor(
                database.cachedStatement(sql: "\(StoredEvent.selection) WHERE run = ? AND subject = '' AND sequence > 0 ORDER BY ms, seq"),
                arguments: [run.number])
            while let row = try left.next() {
                let event = StoredEvent.read(row, of: run, on: shard.keys)
                if let number = event.number { fold.take(event, number: number) }
            }
            for visit in open[run.id]?.fold.visits ?? [] { totals.count(visit) }
            return RunFold(fold.run)
        }

        // MARK: Statements

        private mutating func term(_ text: String) throws -> Int64 {
            if let number = terms[text] ?? newTerms[text] { return number }
            if let number = try terms.number(of: text, in: database) {
                newTerms[text] = number
                return number
            }
            try execute("INSERT INTO term (text) VALUES (?)", [text])
            newTerms[text] = database.lastInsertedRowID
            return database.lastInsertedRowID
        }

        private func execute(_ sql: String, _ values: [(any DatabaseValueConvertible)?]) throws {
            try database.cachedStatement(sql: sql).execute(arguments: StatementArguments(values))
        }
    }
#endif
