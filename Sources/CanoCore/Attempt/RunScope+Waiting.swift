extension RunScope {
    /// Whether the host hands work out that runs wait for.
    var handsOut: Bool { runtime.checkpointLog?.handsOut ?? false }

    /// Whether the host has handed out the work whose answer is called so, and has not lost it, or brings its answer.
    func isStillHandedOut(_ leg: String) -> Bool {
        guard handsOut, let log = runtime.checkpointLog else { return false }
        return log.isHandedOut(leg, of: id) || inbox?.isMet(OpenWait(signals: [leg])) == true
    }

    /// Waits in this process.
    ///
    /// - Parameters:
    ///   - wait: What for.
    ///   - end: When it has lasted long enough.
    ///   - request: The work whose answer is waited for, when it is done in this process: it is begun here, and cancelled when the wait ends.
    /// - Returns: The signals that ended the wait; `nil` when its time was over first.
    /// - Throws: `CancellationError` when the task was cancelled first; ``CanoError/Category/configuration`` for a wait that nothing can end.
    func waitHere(for wait: OpenWait, until end: TimerWait?, performing request: WorkRequest? = nil) async throws -> [ReceivedSignal]? {
        guard !wait.signals.isEmpty else {
            try await end?.sleep(on: runtime.clock)
            return nil
        }
        guard let inbox = inbox ?? (end == nil && request == nil ? nil : RunInbox()) else {
            throw CanoError(
                .configuration,
                "nothing can signal this run, which waits without a limit: begin it with start(_:), or give the wait a limit",
                isRetryable: false)
        }
        let watch = inbox.watch(for: wait)
        var work: Task<Void, Never>?
        defer {
            inbox.unwatch(watch)
            work?.cancel()
        }
        while true {
            watch.restart()
            if let signals = inbox.take(for: wait) { return signals }
            if end?.hasCome(on: runtime.clock) == true { return nil }
            if work == nil, let request, let perform = performer(of: request) {
                work = Self.perform(request, by: perform, answering: inbox)
            }
            let alarm = end.map { runtime.deadlines.add(at: $0.nextLook(on: runtime.clock)) { watch.end() } }
            defer { if let alarm { runtime.deadlines.remove(alarm) } }
            do {
                try await watch.untilEnd()
            } catch {
                // A child goes with its parent: what resumes both finds logs that nothing writes any more.
                if request?.child != nil, handoffReason != nil, let work {
                    work.cancel()
                    await work.value
                }
                throw error
            }
        }
    }

    /// What does the work in this process; `nil` when nothing does.
    func performer(of request: WorkRequest) -> (@concurrent @Sendable () async throws -> WorkAnswer)? {
        guard let child = request.child else {
            guard let workers = runtime.workers else { return nil }
            return { try await workers.perform(request) }
        }
        guard let run = child.execution.run else { return nil }
        return {
            do {
                return .completed(output: try await run())
            } catch {
                return .failed(WorkFailure(of: child.run, workflow: child.workflow, endedBy: CanoError(error)))
            }
        }
    }

    private static func perform(
        _ request: WorkRequest, by perform: @escaping @concurrent @Sendable () async throws -> WorkAnswer, answering inbox: RunInbox
    ) -> Task<Void, Never> {
        Task {
            let answer: WorkAnswer
            do { answer = try await perform() } catch { answer = .failed(WorkFailure(error)) }
            // It was cancelled because its attempt is over: what it failed with is nothing to the next one.
            if Task.isCancelled, case .failed = answer { return }
            inbox.deliver([answer.signal(answering: request, id: "\(RunID.random())")])
        }
    }
}
