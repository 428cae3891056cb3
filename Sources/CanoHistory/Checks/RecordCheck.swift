#if SQLite
    import CanoBus
    import CanoClient

    /// What a record tells of a run's history, once all has been read that the stream held when the record was.
    ///
    /// Pure. A record that was read then is never ahead of the history but for events that are gone.
    enum RecordCheck: Sendable, Hashable {
        /// Nothing that is not known.
        case nothing
        /// The run is that one now.
        case change(HistoricRun)
        /// The run was missed whole, and another one may have had its id before.
        case add

        /// Compares.
        ///
        /// - Parameters:
        ///   - record: The record; nil where there is none.
        ///   - known: The last run in the file that has the id; nil where there is none.
        /// - Returns: What it tells.
        static func of(_ record: RecordedRun?, against known: HistoricRun?) -> RecordCheck {
            guard let known else { return record == nil ? .nothing : .add }
            guard let record else {
                var run = known
                run.isDoubtful = false
                if !run.status.isOver {
                    run.status = .lost
                    run.finished = run.updated
                    run.entered = nil
                    (run.waitingSince, run.wakeAt, run.awaited) = (nil, nil, nil)
                }
                return run == known ? .nothing : .change(run)
            }
            // A record goes before its id is used again.
            if let finished = known.finished, record.created > finished { return .add }
            var run = known
            run.isDoubtful = false
            run.addFacts(of: record)
            if record.events > known.events {
                run.missingEvents += record.events - known.events
                run.events = record.events
                run.take(record)
            } else if record.events == known.events {
                // No event says that a run waits where its bridge publishes less than states, nor why a cancelled one could not be undone whole.
                let isUntold = known.isDoubtful && known.status == .cancelled
                if HistoryStatus(record.listed.status) != known.status || isUntold {
                    run.take(record)
                    run.entered = run.status.isOver ? nil : known.entered
                }
            }
            return run == known ? .nothing : .change(run)
        }
    }

    extension HistoricRun {
        /// A run of which nothing but its record is known.
        init(_ record: RecordedRun, number: Int64, shard: Int = 0) {
            self.init(
                id: record.listed.id, number: number, workflow: record.listed.workflow, status: HistoryStatus(record.listed.status),
                created: record.created, epoch: record.epoch, bridge: record.bridge)
            self.shard = shard
            events = record.events
            missingEvents = record.events
            addFacts(of: record)
            take(record)
        }

        /// Adds what a run has from its beginning on, and what only its first events tell.
        fileprivate mutating func addFacts(of record: RecordedRun) {
            version = version ?? record.listed.version
            started = started ?? record.listed.started
            attributesJSON = attributesJSON ?? record.listed.attributes.field
            parent = parent ?? record.listed[.parent]
            root = root ?? record.root
        }

        /// Becomes what the record says.
        fileprivate mutating func take(_ record: RecordedRun) {
            status = HistoryStatus(record.listed.status)
            state = record.listed.state
            version = record.listed.version ?? version
            started = record.listed.started ?? started
            finished = record.listed.finished
            updated = record.moment(.updated) ?? updated
            epoch = record.epoch
            bridge = record.bridge
            let failure = record.listed.failure
            (errorCode, errorMessage) = (failure?.code, failure?.message)
            rollback = record.listed.rollback
            isResumable = record.listed.isResumable
            waitingSince = record.moment(.waitingSince)
            wakeAt = record.listed.wakeAt
            awaited = status == .waiting ? record.awaited : nil
            entered = nil
        }
    }
#endif
