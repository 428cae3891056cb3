#if SQLite
    /// How far the history is behind what happens, and what it has missed.
    public struct HistoryLag: Sendable, Hashable {
        /// How many events are on the stream that are not in the file, at most.
        public let events: Int
        /// How much older the last event in the file is than the newest on the stream.
        public let time: Duration
        /// Whether records are looked through for what was missed.
        public let isRepairing: Bool
        /// How many events were gone from the stream before they were read, since the file was made.
        public let lostEvents: Int
        /// How often Redis was found emptied or exchanged, or had come up with less than it had, since the file was made.
        public let replacements: Int

        init(_ bookmark: Bookmark, behind lag: (entries: Int, time: Duration), isRepairing: Bool) {
            events = lag.entries
            time = lag.time
            self.isRepairing = isRepairing
            lostEvents = bookmark.lost
            replacements = bookmark.replacements
        }

        /// How far the history of several shards is behind; nil where one was not looked at, or there is none.
        ///
        /// - Parameter shards: How far that of each is.
        init?(_ shards: [HistoryLag?]) {
            let known = shards.compactMap(\.self)
            guard !known.isEmpty, known.count == shards.count else { return nil }
            events = known.reduce(0) { $0 + $1.events }
            time = known.map(\.time).max() ?? .zero
            isRepairing = known.contains(where: \.isRepairing)
            lostEvents = known.reduce(0) { $0 + $1.lostEvents }
            replacements = known.reduce(0) { $0 + $1.replacements }
        }
    }
#endif
