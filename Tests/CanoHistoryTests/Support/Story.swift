#if SQLite
    import CanoBus
    import CanoPrimitives
    import CanoRedis

    @testable import CanoHistory

    /// Events of runs as bridges publish them, each a millisecond after the one before.
    struct Story {
        private(set) var events: [(id: StreamEntryID, fields: [(name: String, value: String)])] = []
        private var numbers: [String: Int] = [:]
        private(set) var now: Int64

        init(at now: Int64 = 1_795_480_000_000) { self.now = now }

        /// Lets time pass.
        mutating func pass(_ milliseconds: Int64) { now += milliseconds }

        /// The id is used again, or Redis has lost what came after that number.
        mutating func goBack(_ run: String, to number: Int = 0) { numbers[run] = number }

        /// Leaves out the next events of a run, as if they had been trimmed.
        mutating func skip(_ run: String, _ count: Int = 1) { numbers[run, default: 0] += count }

        /// Tells an event that its run counts.
        mutating func tell(
            _ run: String, _ data: any EventDataCoding, workflow: String = "orders", epoch: Int = 1, bridge: String = "bridge-1"
        ) {
            let number = numbers[run, default: 0] + 1
            numbers[run] = number
            add(
                run, data, workflow: workflow, id: "\(run)/\(EventEntry.printed(sequence: number))", sequence: number, epoch: epoch,
                bridge: bridge)
        }

        /// Tells an event that is about a run and that it does not count.
        mutating func tellAside(_ run: String, _ data: any EventDataCoding, id: String, workflow: String = "orders") {
            add(run, data, workflow: workflow, id: id, sequence: 0, epoch: 0, bridge: "bridge-1")
        }

        private mutating func add(
            _ run: String, _ data: any EventDataCoding, workflow: String, id: String, sequence: Int, epoch: Int, bridge: String
        ) {
            now += 1
            let fields: [(Field, String)] = [
                (.specversion, "1.0"), (.id, id), (.source, "/cano/cano/\(workflow)"), (.type, data.type.rawValue), (.subject, run),
                (.time, Timestamp.text(now)), (.workflow, workflow), (.sequence, EventEntry.printed(sequence: sequence)),
                (.epoch, "\(epoch)"),
                (.bridge, bridge), (.traceparent, ""), (.datacontenttype, "application/json"), (.data, data.json),
            ]
            events.append((StreamEntryID(milliseconds: UInt64(now), sequence: 0), fields.map { ($0.0.rawValue, $0.1) }))
        }

        /// The events as a reader of the stream has them.
        var entries: [StreamEntry] {
            events.map { StreamEntry(id: $0.id, fields: $0.fields.map { (Array($0.name.utf8), Array($0.value.utf8)) }) }
        }

        /// What the events of one run come to.
        func fold(_ run: String) -> RunFold? {
            var fold: RunFold?
            for event in entries.compactMap({ HistoryEvent($0) }) where event.event.subject == run {
                guard let number = event.number else { continue }
                var next = fold ?? RunFold(event, number: 1)
                next.take(event, number: number)
                fold = next
            }
            return fold
        }

        // MARK: Whole runs

        /// A run that completes after so many further states.
        mutating func complete(
            _ run: String, workflow: String = "orders", version: String = "1", attributes: RunAttributes = .empty, states: Int = 1,
            taking milliseconds: Int64 = 0
        ) {
            tell(run, RunStarted(version: version, state: "first", input: "1", attributes: attributes), workflow: workflow)
            var previous = "first"
            for index in 0..<states {
                pass(milliseconds)
                tell(run, StateEntered(state: "state-\(index)", previous: previous), workflow: workflow)
                previous = "state-\(index)"
            }
            pass(milliseconds)
            tell(run, RunCompleted(state: "done", output: "5050", duration: 3), workflow: workflow)
        }

        /// A run that fails in its first state.
        mutating func fail(_ run: String, workflow: String = "orders", code: String = "refused", message: String = "The card was refused.")
        {
            tell(run, RunStarted(version: "1", state: "first", input: "1"), workflow: workflow)
            tell(
                run,
                RunFailed(
                    state: "first", error: RunFailure(code: code, message: message, category: "task_execution", state: "first").json,
                    rollback: .clean, isResumable: true, duration: 1), workflow: workflow)
        }
    }
#endif
