import CanoPrimitives

extension DriverCore: VisitPart {
    /// How far the attempts at the present state's task are, or those at undoing a step.
    var progress: PartProgress {
        get { logged.progress[.task] }
        set { logged.progress[.task] = newValue }
    }

    mutating func wait(
        for wait: OpenWait, until end: TimerWait?, within limit: Duration?, as kind: RowKind, at node: NodeIdentity
    ) async throws -> WaitEnd {
        let clock = run.runtime.clock
        // What is there need not be waited for, once a row says that the state was entered.
        if !logged.isWithoutRow || undoing != nil {
            if let signals = run.inbox?.take(for: wait) { return woken(by: signals, recordedIn: .zero) }
            if end?.hasCome(on: clock) == true { return WaitEnd(cause: .time, recordedIn: .zero) }
        }
        if undoing == nil, Task.isCancelled { throw CancellationError() }
        // What is done here meanwhile would be lost if the run were put down.
        let isHeld = wait.isHeld(until: end, on: clock) && !isWorkHere && (kind == .waiting || undoing?.mayPauseElsewhere ?? true)
        if isHeld, run.inbox?.isMet(wait) != true {
            emit(.waiting(state: node.label, task: node.taskName, signals: wait.signals, until: wait.until))
        }
        let limit = timeLeft(of: limit)
        let begun = clock.now
        let recordedIn: Duration
        do {
            let signals = try await record(wait, until: end, within: limit, isHeld: isHeld, as: kind, at: node)
            recordedIn = begun.duration(to: clock.now)
            if let signals { return woken(by: signals, recordedIn: recordedIn) }
        } catch let putDown as PutDown {
            recordedIn = begun.duration(to: clock.now)
            guard let signals = try await run.runtime.checkpointLog?.untilWokenHere(run.id) else { throw putDown }
            run.inbox?.deliver(signals)
            if let signals = run.inbox?.take(for: wait) { return woken(by: signals, recordedIn: recordedIn) }
        }
        let first = TimerWait.first(of: end, limit, on: clock)
        if let signals = try await waitHere(for: wait, until: first) { return woken(by: signals, recordedIn: recordedIn) }
        try undoing?.requireTime(on: clock)
        return WaitEnd(cause: end?.hasCome(on: clock) == true ? .time : .limit, recordedIn: recordedIn)
    }

    /// Waits in this process. No cancellation reaches what undoes a run: only its handover ends the wait.
    private func waitHere(for wait: OpenWait, until end: TimerWait?) async throws -> [ReceivedSignal]? {
        guard undoing != nil, let control else { return try await run.waitHere(for: wait, until: end, performing: progress.request) }
        let signals = await control.pause { [run, progress] in
            try await run.waitHere(for: wait, until: end, performing: progress.request)
        }
        try leaveIfHandedOver()
        return try signals.get()
    }

    /// How long a wait in an attempt may last that has so long; in a rollback no longer than that.
    private func timeLeft(of limit: Duration?) -> Duration? {
        guard let left = undoing?.end.map({ run.runtime.clock.now.duration(to: $0) }) else { return limit }
        return min(limit ?? left, left)
    }

    /// Signals ended the wait: whatever row comes next is what they have led to.
    private mutating func woken(by signals: [ReceivedSignal], recordedIn duration: Duration) -> WaitEnd {
        if isLogging { logged.taken += signals }
        return WaitEnd(cause: .signals(signals), recordedIn: duration)
    }

    /// Makes durable what is waited for, and how far the attempts are.
    ///
    /// - Returns: The signals, if they are there.
    private mutating func record(
        _ wait: OpenWait, until end: TimerWait?, within limit: Duration?, isHeld: Bool, as kind: RowKind, at node: NodeIdentity
    ) async throws -> [ReceivedSignal]? {
        guard let box = run.runtime.log else { return nil }
        let log = box.log
        if let undoing {
            let clock = run.runtime.clock
            let isWaiting = kind == .waiting
            progress.left = isWaiting && !undoing.left.isEmpty ? undoing.left : nil
            progress.rollbackEnd = undoing.end.flatMap {
                isWaiting ? clock.unixMilliseconds + clock.now.duration(to: $0).wholeMilliseconds : nil
            }
        }
        var row = CheckpointRow(
            sequence: logged.nextSequence, kind: kind, state: node.label, task: node.taskName, visit: logged.progress.undoing ?? visit,
            payload: try progress.encoded(), version: run.workflow.version)
        // Without room for it only the count of attempts is lost.
        if kind == .attempt, logged.rows.isFull(for: row) { return nil }
        var opened = wait
        if let limit { opened.until = TimerWait.first(of: end, limit, on: run.runtime.clock)?.wallDeadline(on: run.runtime.clock) }
        if log.handsOut { row.request = progress.request?.answered(until: opened.until) }
        let beginning = try await append(row, to: box, finishes: undoing != nil, opening: isHeld ? RunWait([opened]) : nil)
        if undoing == nil { logged.wroteRow(of: visit) }
        if log.handsOut, progress.request != nil { progress.request = nil }
        switch beginning {
        case .here:
            return nil
        case .putDown:
            throw PutDown(until: opened.until)
        case .arrived(let signals):
            run.inbox?.deliver(signals)
            return run.inbox?.take(for: wait)
        }
    }

    mutating func keepWrites(at node: NodeIdentity) async throws {
        let writes = scope.endAttempt()
        try leaveIfContinuedElsewhere()
        try await applyMidway(writes, of: node)
    }
}

extension OpenWait {
    /// Whether it is worth being put down for.
    func isHeld(until end: TimerWait?, on clock: any EngineClock) -> Bool {
        !signals.isEmpty || (end.map { $0.left(on: clock) >= Self.shortestHeld } ?? true)
    }
}
