/// Where one branch of a split is, and where it waits.
struct BranchPart: VisitPart {
    private let index: Int
    private let split: SplitExecution
    /// Where the present attempt's writes are.
    private let scope: AttemptScope
    /// Where those are that it made before it began to wait.
    private let kept: AttemptScope
    var progress: PartProgress
    /// What the log says of it.
    private var durable: PartProgress
    /// The signals it took that no row of its has led to.
    private(set) var taken: [ReceivedSignal] = []

    var run: RunScope { scope.run }

    init(of index: Int, in split: SplitExecution, _ scope: AttemptScope, within kept: AttemptScope, from past: PartProgress?) {
        self.index = index
        self.split = split
        self.scope = scope
        self.kept = kept
        progress = past ?? PartProgress()
        durable = progress
    }

    /// Takes up what it wrote in another process.
    func takeUpWrites() throws(CanoError) {
        for write in progress.writes ?? [] { try kept.takeUp([try write.staged]) }
    }

    mutating func wait(
        for wait: OpenWait, until end: TimerWait?, within limit: Duration?, as kind: RowKind, at node: NodeIdentity
    ) async throws -> WaitEnd {
        let clock = run.runtime.clock
        if let signals = run.inbox?.take(for: wait) { return took(signals, recordedIn: .zero) }
        if end?.hasCome(on: clock) == true { return WaitEnd(cause: .time, recordedIn: .zero) }
        if Task.isCancelled { throw CancellationError() }
        let isWorkHere = isWorkHere
        // A wait that goes on was told when it began.
        if split.isObserved, !isWorkHere, progress != durable, wait.isHeld(until: end, on: clock) {
            run.tell(.waiting(state: node.label, task: node.taskName, signals: wait.signals, until: wait.until))
        }
        let begun = clock.now
        if split.isLogging {
            var opened = wait
            if limit != nil { opened.until = TimerWait.first(of: end, limit, on: clock)?.wallDeadline(on: clock) }
            guard await split.record(try row(of: kind, until: isWorkHere ? nil : opened)) else { throw AttemptLoop.Failure.interrupted }
            if run.handsOut { progress.request = nil }
            durable = progress
            durable.request = nil
            taken = []
        }
        let recordedIn = begun.duration(to: clock.now)
        let signals = try await run.waitHere(
            for: wait, until: TimerWait.first(of: end, limit, on: clock), performing: progress.request)
        if split.isLogging, await !split.goOn(index) { throw AttemptLoop.Failure.interrupted }
        if let signals { return took(signals, recordedIn: recordedIn) }
        return WaitEnd(cause: end?.hasCome(on: clock) == true ? .time : .limit, recordedIn: recordedIn)
    }

    mutating func keepWrites(at node: NodeIdentity) async throws {
        let writes = scope.endAttempt()
        guard !writes.isEmpty else { return }
        scope.handOver(writes)
        try kept.stage(writes, in: kept.generation)
        guard split.isLogging else { return }
        progress.writes = (progress.writes ?? []) + (try writes.map { write throws(CanoError) in try StoredWrite(write) })
    }

    private mutating func took(_ signals: [ReceivedSignal], recordedIn duration: Duration) -> WaitEnd {
        taken += signals
        return WaitEnd(cause: .signals(signals), recordedIn: duration)
    }

    private func row(of kind: RowKind, until wait: OpenWait?) throws(CanoError) -> BranchRow {
        var said = progress
        said.split = split.outline
        said.request = nil
        return BranchRow(
            index: index, content: .progress(said, as: kind, until: wait), payload: try said.encoded(), consumes: taken,
            isDurable: progress == durable && taken.isEmpty,
            // An answer is of no use either when the join's time is over.
            request: run.handsOut ? progress.request?.answered(until: [wait?.until, split.outline.until].compactMap(\.self).min()) : nil)
    }
}
