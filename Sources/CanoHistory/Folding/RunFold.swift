#if SQLite
    import CanoBus

    /// What the events of a run come to. Pure: the same events give the same run, in one go or in several.
    struct RunFold: Sendable {
        /// The run after the events that were taken.
        private(set) var run: HistoricRun
        /// The stays in states that ended with them.
        private(set) var visits: [StateVisit] = []

        /// Goes on with a run.
        init(_ run: HistoricRun) { self.run = run }

        /// Begins anew with a run whose events are then to be taken again, from the first that is there on.
        init(again known: HistoricRun) {
            var run = HistoricRun(
                id: known.id, number: known.number, workflow: known.workflow, status: .running, created: known.created, epoch: 0,
                bridge: known.bridge)
            (run.version, run.started, run.state) = (known.version, known.started, known.state)
            (run.attributesJSON, run.traceparent) = (known.attributesJSON, known.traceparent)
            (run.parent, run.root, run.shard) = (known.parent, known.root, known.shard)
            self.run = run
        }

        /// Begins with the first event of a run that was heard of, which is then to be taken.
        init(_ first: HistoryEvent, number: Int64, shard: Int = 0) {
            run = HistoricRun(
                id: first.event.subject, number: number, workflow: first.event.workflow,
                status: first.event.epoch == 0 ? .scheduled : .running, created: first.time, epoch: first.event.epoch,
                bridge: first.event.bridge)
            run.shard = shard
            run.traceparent = first.event.traceparent
            if let child = ChildName(run.id) { (run.parent, run.root) = (child.parent, child.root) }
        }

        /// Takes the run's next event, which has a greater number than those before.
        mutating func take(_ event: HistoryEvent, number: Int) {
            if run.status == .lost { reopen() }
            if number > run.events + 1 { miss(number - run.events - 1) }
            run.events = number
            run.updated = event.time
            // There is no event for going on: the next epoch shows it.
            if event.event.epoch > run.epoch, run.status == .waiting { goOn() }
            run.epoch = event.event.epoch
            run.bridge = event.event.bridge
            switch event.data {
            case let scheduled as RunScheduled:
                run.status = .scheduled
                run.attributesJSON = scheduled.attributes
            case let started as RunStarted:
                run.status = .running
                run.started = event.time
                run.version = started.version
                if let attributes = started.attributes { run.attributesJSON = attributes }
                run.parent = started.parent ?? run.parent
                run.root = started.root ?? run.root
                enter(started.state, at: event.time)
            case let entered as StateEntered:
                leave(at: event.time)
                goOn()
                enter(entered.state, at: event.time)
            case let waiting as RunWaiting:
                run.status = .waiting
                run.waitingSince = event.time
                run.wakeAt = waiting.until
                run.awaited = waiting.signals.joined(separator: " ")
                run.state = waiting.state
            case let resumed as RunResumed:
                goOn()
                if resumed.cause == .command || run.finished != nil { reopen() }
                if run.entered == nil || run.state != resumed.state { enter(resumed.state, at: event.time) }
            case is TaskRetried:
                run.retries += 1
            case let compensation as CompensationEvent where compensation.type == .compensationStarted:
                leave(at: event.time)
            case let completed as RunCompleted:
                end(.completed, in: completed.state, at: event.time)
            case let failed as RunFailed:
                end(.failed, in: failed.state, at: event.time)
                run.rollback = failed.rollback
                run.isResumable = failed.isResumable
                fail(failed.error)
            case let cancelled as RunCancelled:
                end(.cancelled, in: cancelled.state, at: event.time)
                run.rollback = cancelled.rollback
                // Why it could not be undone whole is in its record alone.
                run.isResumable = cancelled.rollback == .partial
                if cancelled.rollback == .partial { run.isDoubtful = true }
            default: break
            }
        }

        /// Some events never came. Where the run was meanwhile is not known.
        private mutating func miss(_ count: Int) {
            run.missingEvents += count
            run.isDoubtful = true
            run.entered = nil
            if run.status.isOver { reopen() }
        }

        private mutating func goOn() {
            run.status = .running
            (run.waitingSince, run.wakeAt, run.awaited) = (nil, nil, nil)
        }

        private mutating func reopen() {
            run.status = .running
            run.finished = nil
            (run.errorCode, run.errorMessage, run.rollback, run.isResumable) = (nil, nil, nil, false)
        }

        private mutating func enter(_ state: String, at time: Int64) {
            run.state = state
            run.entered = time
        }

        private mutating func leave(at time: Int64) {
            guard let entered = run.entered else { return }
            run.entered = nil
            visits.append(StateVisit(workflow: run.workflow, state: run.state, left: time, duration: max(0, time - entered)))
        }

        private mutating func end(_ status: HistoryStatus, in state: String, at time: Int64) {
            leave(at: time)
            goOn()
            run.status = status
            run.state = state
            run.finished = time
            (run.errorCode, run.errorMessage) = (nil, nil)
        }

        private mutating func fail(_ json: String) {
            do {
                let failure = try RunFailure(json: json)
                (run.errorCode, run.errorMessage) = (failure.code, failure.message)
            } catch {
                run.errorMessage = json
            }
        }
    }
#endif
