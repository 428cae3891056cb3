import CanoPrimitives

/// What keeps how far the attempts at a state's task are, or those at a branch of a split, and where they wait.
protocol VisitPart {
    var run: RunScope { get }
    /// How far the attempts are.
    var progress: PartProgress { get set }

    /// Waits, in this process or at the host; what is waited for is durable first, with how far the attempts are.
    ///
    /// - Parameters:
    ///   - wait: What for.
    ///   - end: When it has lasted long enough.
    ///   - limit: How much of the attempt's time is left; `nil` when it has all it wants.
    ///   - kind: The kind of the row that says so.
    ///   - node: Whose attempts these are.
    /// - Returns: How the wait ended.
    /// - Throws: `CancellationError` when the task was cancelled; ``PutDown``; what keeps the row from being written.
    mutating func wait(
        for wait: OpenWait, until end: TimerWait?, within limit: Duration?, as kind: RowKind, at node: NodeIdentity
    ) async throws -> WaitEnd

    /// Keeps what an attempt wrote that goes on with a wait.
    mutating func keepWrites(at node: NodeIdentity) async throws
}

extension VisitPart {
    private var clock: any EngineClock { run.runtime.clock }

    /// Makes attempts until one returns, all of them or those that are left after the first one failed.
    ///
    /// - Throws: ``AttemptLoop/Failure`` when none did; what a pause throws.
    mutating func attempts<Value: Sendable>(
        _ loop: inout AttemptLoop, after error: (any Error)? = nil,
        _ body: @escaping @concurrent @Sendable (AttemptContext) async throws -> Value
    ) async throws -> Value {
        guard loop.handsPausesOver else { return try await loop.run(after: error, body) }
        try await takeUp(&loop)
        var result = await loop.result(after: error, body)
        while case .failure(let failure) = result {
            try await spend(failure, &loop)
            result = await loop.result(after: nil, body)
        }
        progress = PartProgress()
        return try result.get()
    }

    /// Makes attempts at work that may wait until one comes to an end.
    ///
    /// - Throws: ``AttemptLoop/Failure`` when none did; what a pause or a wait throws.
    mutating func attempts<Value: Sendable>(_ loop: inout AttemptLoop, at work: VisitWork<Value>) async throws -> Value {
        let leg = leg(of: work, loop)
        if let leg { beginAnewUnlessHandedOut(leg) }
        try await takeUp(&loop, listeningTo: leg)
        var woken: Woken? = progress.arrived.map { .signals($0) }
        var end = progress.wait?.until.map { TimerWait(wall: $0) }
        while true {
            do {
                if woken == nil, let wait = progress.wait {
                    woken = try await self.woken(from: wait, until: end, leg, &loop)
                    guard woken != nil else { continue }
                }
                let step: WaitStep<Value>
                if let woken {
                    let note = progress.note
                    step = try await loop.run(isWhole: false) { context in try await work.wake(woken, note, context).checked() }
                } else {
                    step = try await loop.run(isWhole: false) { context in try await work.begin(context).checked() }
                }
                switch step {
                case .next(let value):
                    // What the wait came to is known until the next row: a step that is refused is done again, and waits no second time.
                    progress.began = nil
                    run.runtime.metrics?.count(.taskAttempts, "completed")
                    return value
                case .wait(let wait):
                    try await keepWrites(at: loop.node)
                    (progress.wait, end) = wait.opened(on: clock)
                    progress.note = wait.note
                    progress.request = wait.request
                    if work.keepsRequest, let request = wait.request { progress.ask(for: request.input) }
                    progress.isHandedOut = wait.request != nil && run.handsOut
                    progress.attempts = wait.request?.queue.attempts
                    loop.mostAttempts = progress.attempts
                    progress.arrived = nil
                    progress.began = beginning(of: loop)
                    woken = nil
                }
            } catch let failure as AttemptLoop.Failure {
                try await spend(failure, &loop, listeningTo: leg)
                // An answer may have come late.
                if woken == nil { woken = progress.arrived.map { .signals($0) } }
            }
        }
    }

    private func beginning(of loop: AttemptLoop) -> Int64? {
        loop.startedAt.map { clock.unixMilliseconds - $0.duration(to: clock.now).wholeMilliseconds }
    }

    /// Waits in an attempt, for no longer than that may take.
    ///
    /// - Returns: What ended the wait; `nil` when the attempt's time did, and another one follows.
    private mutating func woken(
        from wait: OpenWait, until end: TimerWait?, _ leg: String?, _ loop: inout AttemptLoop
    ) async throws -> Woken? {
        if progress.began == nil {
            loop.beginAttempt()
            progress.began = beginning(of: loop)
        }
        let ended: WaitEnd
        do {
            ended = try await self.wait(for: wait, until: end, within: loop.timeLeft, as: .waiting, at: loop.node)
        } catch is CancellationError {
            throw AttemptLoop.Failure.interrupted
        }
        // That the log was away is no fault of the attempt.
        loop.leaveOut(ended.recordedIn)
        switch ended.cause {
        case .signals(let signals) where leg != nil:
            return try await woken(byAnswer: signals, &loop)
        case .signals(let signals):
            progress.arrived = signals
            return .signals(signals)
        case .time: return .timeout
        case .limit: break
        }
        progress.began = nil
        if leg != nil { progress.endWait() }
        try await loop.recover(from: CanoError(overrun: loop.config.attemptTimeout ?? .zero, isAbandoned: false))
        return nil
    }

    /// Goes on where the log says that the attempts were.
    private mutating func takeUp(_ loop: inout AttemptLoop, listeningTo leg: String? = nil) async throws {
        let clock = clock
        loop.mostAttempts = progress.attempts
        loop.takeUp(
            failures: progress.failures,
            startedAt: progress.began.map { clock.now.advanced(by: .milliseconds($0 - clock.unixMilliseconds)) })
        guard let next = progress.nextAttempt else { return }
        try loop.beginPause()
        try await pause(until: TimerWait(wall: next), &loop, listeningTo: leg)
    }

    /// Spends the pause before the next attempt; throws on a failure that is no pause.
    private mutating func spend(
        _ failure: AttemptLoop.Failure, _ loop: inout AttemptLoop, listeningTo leg: String? = nil
    ) async throws {
        guard case .pausing(let pause) = failure else { throw failure }
        progress.failures = loop.tally.failures
        progress.began = nil
        if let failure = pause.failure { progress.failure = StoredFailure(failure) }
        try await self.pause(until: TimerWait(.duration(pause.delay), on: clock), &loop, listeningTo: leg)
    }

    /// Waits for the next attempt. In a long pause a worker that had the last one may still come to an end.
    private mutating func pause(until end: TimerWait, _ loop: inout AttemptLoop, listeningTo leg: String?) async throws {
        let moment = end.wallDeadline(on: clock)
        progress.nextAttempt = moment
        do {
            while true {
                let isListening = progress.arrived == nil && end.left(on: clock) >= OpenWait.shortestHeld
                let pause = OpenWait(signals: isListening ? [leg].compactMap(\.self) : [], until: moment)
                let ended = try await wait(for: pause, until: end, within: nil, as: .attempt, at: loop.node)
                guard case .signals(let signals) = ended.cause, !isDone(byAnswer: signals) else { break }
            }
        } catch is CancellationError {
            // What is next finds out why.
        }
        progress.nextAttempt = nil
        try await loop.endPause()
    }
}

/// How a wait ended.
struct WaitEnd: Sendable {
    enum Cause: Sendable {
        case signals([ReceivedSignal])
        /// It had lasted long enough.
        case time
        /// The attempt has no time left.
        case limit
    }

    let cause: Cause
    /// How long it took to make the wait durable.
    let recordedIn: Duration
}
