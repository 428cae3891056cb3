#if SQLite
    import CanoBus
    import CanoPrimitives
    import CanoRedis

    /// An entry of the stream of events, as far as its history is concerned.
    struct HistoryEvent: Sendable {
        let entry: StreamEntryID
        let event: EventEntry
        /// When it happened, in milliseconds since 1970; when it was published where it doesn't say.
        let time: Int64
        /// What happened; nil of a type that this release doesn't know, and of data that is not what its type says.
        let data: (any EventData)?

        /// Reads an entry; nil of what is no event.
        init?(_ entry: StreamEntry) {
            let event = EventEntry(entry.fields)
            guard !event.subject.isEmpty, !event.typeName.isEmpty else { return nil }
            self.init(event, entry: entry.id)
        }

        /// An event that is the entry of that id.
        init(_ event: EventEntry, entry: StreamEntryID) {
            self.entry = entry
            self.event = event
            time = Timestamp.milliseconds(event.time) ?? Int64(clamping: entry.milliseconds)
            do { data = try event.data() } catch { data = nil }
        }

        /// Whether it is about a run; a schedule may be called as a run is.
        var isAboutRun: Bool {
            guard let type = event.type else { return true }
            switch EventSubject(type) {
            case .schedule, .dueTime: return false
            case .run, .knownRun, .signal, .lateAnswer, .command: return true
            }
        }

        /// Its number, where it is one of those that its run counts.
        var number: Int? {
            let sequence = event.sequence
            return sequence > 0 && event.type != .runDuplicate && RunName.isValid(event.subject) ? sequence : nil
        }
    }
#endif
