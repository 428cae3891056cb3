#if SQLite
    import CanoRedis

    /// Up to where the stream of events is in the file. It is written with the rows that were made of the events, or not at all.
    struct Bookmark: Sendable, Hashable {
        /// The last entry that was read.
        var entry = StreamEntryID.zero
        /// The highest entry that was ever read: what is read again, of a stream that was put back, lies before it.
        var highest = StreamEntryID.zero
        /// How many entries the stream had been given up to ``entry``, as the server counts them.
        var count = 0
        /// How often another stream was found in place of the one that was read.
        var replacements = 0
        /// How many entries were gone before they were read.
        var lost = 0
        /// Whether all records are to be looked at, because runs may have been missed whole.
        var isSweepDue = false

        /// How the stream goes on from here.
        enum Continuation: Sendable, Hashable {
            case onward
            /// So many entries are gone that were not read.
            case trimmed(Int)
            /// It is not the stream that was read: Redis was emptied, exchanged, or has come up with less than it had.
            case replaced
        }

        /// How the stream goes on from here.
        ///
        /// Entries that were deleted out of its midst are counted by the server and never read: what is said to be gone may be more than is.
        ///
        /// - Parameter stream: What it is like; nil where there is none.
        /// - Returns: How.
        func continuation(in stream: StreamInformation?) -> Continuation {
            guard let stream else { return entry == .zero && count == 0 ? .onward : .replaced }
            guard stream.lastGeneratedID >= entry, stream.entriesAdded >= count else { return .replaced }
            guard stream.lastGeneratedID > entry, stream.firstID.map({ $0 > entry }) ?? true else { return .onward }
            let gone = stream.entriesAdded - stream.length - count
            return gone > 0 ? .trimmed(gone) : .onward
        }

        /// The bookmark with what is known of the stream before any of it is read.
        ///
        /// - Returns: Nil where nothing changes.
        func seeing(_ stream: StreamInformation?) -> Bookmark? {
            var seen = self
            switch continuation(in: stream) {
            case .onward:
                // What was deleted out of its midst is behind as well.
                guard let stream, stream.lastGeneratedID == entry, stream.entriesAdded != count else { return nil }
                seen.count = stream.entriesAdded
            case .trimmed(let gone):
                // A file that is new has missed nothing: what came before it is in the records.
                if self != Bookmark() { seen.lost += gone }
                seen.count += gone
                seen.isSweepDue = true
            case .replaced:
                seen.entry = .zero
                seen.count = 0
                seen.replacements += 1
                seen.isSweepDue = true
            }
            return seen
        }

        /// How far behind the stream it is.
        func lag(in stream: StreamInformation?) -> (entries: Int, time: Duration) {
            guard let stream, stream.lastGeneratedID > entry else { return (0, .zero) }
            let begin = max(entry, stream.firstID ?? entry)
            let time = stream.lastGeneratedID.milliseconds - min(begin.milliseconds, stream.lastGeneratedID.milliseconds)
            return (min(stream.length, max(1, stream.entriesAdded - count)), .milliseconds(Int64(clamping: time)))
        }

        /// Goes on behind entries that were read.
        mutating func move(past entries: Int, to last: StreamEntryID) {
            entry = last
            highest = max(highest, last)
            count += entries
        }
    }
#endif
