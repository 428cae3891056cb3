#if SQLite
    import CanoBus
    import CanoClient
    import CanoRedis

    /// What a run's record says that its history has, too.
    struct RecordedRun: Sendable {
        let listed: ListedRun
        /// How many events it has written.
        let events: Int
        let epoch: Int
        let bridge: String
        let root: String?
        /// The names of the signals it waits for.
        let awaited: String

        private static let fields = ListedRun.listedFields + [.events, .epoch, .bridge, .root, .waits]

        /// The command that reads one.
        static func reading(_ run: String, on keys: BusKeys) -> HMGET { HMGET(keys.record(of: run), fields.map(\.rawValue)) }

        /// What became of reading a record.
        enum Reading: Sendable {
            case found(RecordedRun)
            /// There is none.
            case missing
            /// It is damaged: it tells nothing of its run, and least of all that it is gone.
            case unreadable
        }

        /// Reads what that command has answered.
        static func read(_ id: String, _ values: [RESPBytes?]) -> Reading {
            guard values.contains(where: { $0 != nil }) else { return .missing }
            var texts: [String: String] = [:]
            for (field, value) in zip(Self.fields, values) { texts[field.rawValue] = value.map { String(decoding: $0, as: UTF8.self) } }
            return RecordedRun(id, texts).map { .found($0) } ?? .unreadable
        }

        init?(_ id: String, _ fields: [String: String]) {
            guard let listed = ListedRun(id, fields), let events = RunRecord.number(fields[Field.events.rawValue]) else { return nil }
            self.listed = listed
            self.events = Int(events)
            epoch = RunRecord.number(fields[Field.epoch.rawValue]).map { Int($0) } ?? 0
            bridge = fields[Field.bridge.rawValue] ?? ""
            root = fields[Field.root.rawValue]
            do {
                let waits = try fields[Field.waits.rawValue].map { json throws(BusError) in try SignalWait.list(json) } ?? []
                // What begins with slashes is a leg of the run itself, which waits for a worker or a child.
                awaited = waits.flatMap(\.signals).filter { !$0.hasPrefix(RunName.reserved) }.joined(separator: " ")
            } catch {
                awaited = ""
            }
        }

        /// When its command was taken or, where that is not said, the first moment that is.
        var created: Int64 { moment(.created) ?? listed.started ?? listed.finished ?? moment(.updated) ?? 0 }

        func moment(_ field: Field) -> Int64? { RunRecord.number(listed[field]) }
    }
#endif
