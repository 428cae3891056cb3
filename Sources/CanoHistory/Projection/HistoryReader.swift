#if SQLite
    import CanoBus
    import CanoClient
    import CanoRedis
    import Logging

    /// Reads the stream step by step: a page of events or, at its end, some records or some runs whose time is over.
    struct HistoryReader {
        private let bus: ShardClient
        private let shard: HistoryShard
        private let file: HistoryFile
        private let keptTime: Duration?
        private let logger: Logger

        private(set) var bookmark: Bookmark
        /// Records that wait for the stream to be read up to where it was when they were.
        private var slice: RecordSlice?
        private var sweep = Sweep.beginning
        private var nextRemoval: Int64 = 0

        private static let page = 2_000
        private static let records = 500
        private static let removalPause: Int64 = 60_000

        init(bus: ShardClient, shard: HistoryShard, file: HistoryFile, keptTime: Duration?, bookmark: Bookmark, logger: Logger) {
            self.bus = bus
            self.shard = shard
            self.file = file
            self.keptTime = keptTime
            self.bookmark = bookmark
            self.logger = logger
        }

        /// Does what is to be done next.
        ///
        /// - Returns: Whether there is more to do.
        mutating func step() async throws -> Bool {
            guard try await readPage() else { return true }
            if let slice {
                // All that the stream held when the records were read is in the file now.
                try await go(to: try await file.check(slice, at: bookmark, keepingFrom: try await oldestKept() ?? 0, of: shard))
                self.slice = nil
                if slice.endsSweep { sweep = .beginning }
                return true
            }
            slice = try await nextSlice()
            if slice != nil { return true }
            return try await removeOld()
        }

        // MARK: Events

        /// Reads a page and stores it.
        ///
        /// - Returns: Whether it was the last one there is.
        private mutating func readPage() async throws -> Bool {
            guard let first = bookmark.entry.next else { return true }
            // In this order: what is found gone afterwards was gone then, or not.
            let (page, information) = try await bus.redis.pipeline(
                XRANGE(bus.keys.events, from: first, count: Self.page), XINFO.STREAM(bus.keys.events))
            let (entries, stream) = (try page.get(), try information.get())
            let continuation = bookmark.continuation(in: stream)
            if let seen = bookmark.seeing(stream) {
                tell(continuation)
                if continuation != .onward {
                    sweep = .beginning
                    slice = nil
                }
                // Entries that were gone in the middle of this look may be on the page: it is read again with the right count.
                guard try await go(to: try await file.move(bookmark, to: seen, of: shard)), continuation == .onward else {
                    return false
                }
            }
            guard try await go(to: try await file.store(entries, after: bookmark, of: shard)) else { return false }
            file.observe(
                HistoryLag(bookmark, behind: bookmark.lag(in: stream), isRepairing: bookmark.isSweepDue || slice != nil), of: shard)
            return entries.count < Self.page
        }

        /// Goes on from a bookmark, or from where another process has taken the file.
        ///
        /// - Returns: Whether it was this process that moved it.
        @discardableResult
        private mutating func go(to next: Bookmark?) async throws -> Bool {
            if let next {
                bookmark = next
                return true
            }
            bookmark = try await file.bookmark(of: shard)
            // What it was read for may have been done.
            slice = nil
            return false
        }

        private func tell(_ continuation: Bookmark.Continuation) {
            switch continuation {
            case .onward: break
            case .trimmed(let count):
                guard bookmark != Bookmark() else { return }
                logger.warning(
                    "events were gone from the stream before they were read; what they told is taken from the records",
                    metadata: ["stream": "\(bus.keys.events)", "events": "\(count)"])
            case .replaced:
                logger.warning(
                    "Redis was emptied or exchanged, or has come up with less than it had; its events are read from the first on",
                    metadata: ["stream": "\(bus.keys.events)", "after": "\(bookmark.entry)"])
            }
        }

        // MARK: Records

        /// Reads the records that are to be looked at next; nil where there are none.
        private mutating func nextSlice() async throws -> RecordSlice? {
            let doubtful = try await file.doubtfulRuns(of: shard, count: Self.records)
            if !doubtful.isEmpty { return try await read(doubtful) }
            guard bookmark.isSweepDue else { return nil }
            switch sweep {
            case .records(let cursor):
                let prefix = bus.keys.record(of: "")
                let found = try await bus.redis.execute(SCAN(cursor: cursor, matching: prefix + "*", count: Self.records))
                sweep = .after(cursor: found.cursor)
                return try await read(found.keys.map { String(decoding: $0.dropFirst(prefix.utf8.count), as: UTF8.self) })
            case .runs(let status, let number):
                let found = try await file.runs(status, of: shard, after: number, count: Self.records)
                sweep = .after(found.last?.number, of: status)
                return try await read(found.map(\.id))
            case .done:
                return RecordSlice(records: [], moment: 0, endsSweep: true)
            }
        }

        private func read(_ runs: [String]) async throws -> RecordSlice {
            let now = try await now()
            guard !runs.isEmpty else { return RecordSlice(records: [], moment: now, endsSweep: false) }
            let found = try await bus.redis.pipeline(runs.map { RecordedRun.reading($0, on: bus.keys) })
            var records: [(id: String, record: RecordedRun?)] = []
            for (id, values) in zip(runs, found) {
                switch values {
                case .success(let values):
                    switch RecordedRun.read(id, values) {
                    case .found(let record): records.append((id, record))
                    case .missing: records.append((id, nil))
                    case .unreadable: break
                    }
                // Something else is under the record's key.
                case .failure(let error) where error.serverError?.code == "WRONGTYPE": records.append((id, nil))
                case .failure(let error): throw error
                }
            }
            return RecordSlice(records: records, moment: now, endsSweep: false)
        }

        // MARK: What is too old

        /// Removes some of the runs whose time is over.
        ///
        /// - Returns: Whether there may be more.
        private mutating func removeOld() async throws -> Bool {
            // Those of all shards, by the first.
            guard keptTime != nil, shard.number == 0 else { return false }
            let now = try await now()
            guard now >= nextRemoval, let oldest = try await oldestKept() else { return false }
            if try await file.remove(before: oldest, count: Self.records, of: shard) { return true }
            nextRemoval = now + Self.removalPause
            return false
        }

        private func oldestKept() async throws -> Int64? {
            guard let keptTime else { return nil }
            return try await now() - keptTime.components.seconds * 1_000
        }

        /// Milliseconds since 1970, on Redis' clock.
        private func now() async throws -> Int64 { Int64(try await bus.redis.execute(TIME()) / 1_000) }
    }
#endif
