extension Workflow {
    /// Runs the graph from a state to one of its exit states; see ``run(_:as:store:timeout:in:)``.
    @inlinable @concurrent package func orchestrate(
        from start: State, as run: RunID = .random(), input: State.Input, store: (any RunStore)? = nil,
        timeout: Duration? = nil, compensationTimeout: Duration? = nil, in runtime: WorkflowRuntime = .standard
    ) async throws(CanoError) -> State {
        try validate()
        guard let first = definition.graph.node(of: start) else { throw unknown(start) }
        guard store == nil, compensationTimeout == nil, isPlain(timeout, runtime) else {
            let run = Run(
                id: run, start: .fresh(start), input: input, store: store, timeout: timeout,
                compensationTimeout: compensationTimeout ?? CompensationBudget.half(of: timeout))
            return try await complete(run, in: runtime)
        }
        var driver = RunDriver<State>(plain: run, input: RunInput(input), of: definition, in: runtime)
        return try await driver.runToEnd(from: first)
    }

    /// Whether a run needs nothing around its states: no limit, no measurement, no resources to be made ready.
    @inlinable func isPlain(_ timeout: Duration?, _ runtime: WorkflowRuntime) -> Bool {
        timeout == nil && definition.hasPlainRuns && !runtime.isInstrumented
    }

    @usableFromInline func complete(_ run: Run<State>, in runtime: WorkflowRuntime) async throws(CanoError) -> State {
        try await complete(runtime, under: run.control) { () async throws(CanoError) in try await drive(run, in: runtime) }
    }

    /// Continues a run from its log, to its exit state; see ``resume(_:input:store:timeout:in:)``.
    @concurrent package func orchestrate(
        resuming run: RunID, input: State.Input, store: (any RunStore)? = nil, timeout: Duration? = nil,
        compensationTimeout: Duration? = nil, under control: RunControl? = nil, signalledBy inbox: RunInbox? = nil,
        in runtime: WorkflowRuntime
    ) async throws(CanoError) -> State {
        guard let checkpoints = runtime.checkpoints else {
            throw CanoError(.configuration, "a run can only be resumed from a checkpoint store: give the runtime one")
        }
        try validate()
        return try await complete(runtime, under: control) { () async throws(CanoError) in
            let rows: [CheckpointRow]
            do {
                rows = try await checkpoints.rows(of: run)
            } catch let error as CanoError {
                throw error
            } catch {
                throw CanoError(.checkpointStore, "the log of run \"\(run)\" could not be read: \(error)", underlying: error)
            }
            return try await drive(
                Run(
                    id: run, start: .resumed(rows: rows), input: input, store: store, control: control, timeout: timeout,
                    compensationTimeout: compensationTimeout ?? CompensationBudget.half(of: timeout), inbox: inbox), in: runtime)
        }
    }

    /// For hosts: drives one run until it completes, waits or is to continue elsewhere.
    ///
    /// Neither validates the workflow nor touches its resources' lifecycle: the host does, once for many runs.
    ///
    /// - Throws: ``CanoError`` when the run failed, was cancelled or timed out.
    @concurrent public func drive(_ run: Run<State>, in runtime: WorkflowRuntime) async throws(CanoError) -> RunOutcome<State> {
        guard run.control != nil || run.timeout != nil || definition.graph.hasCompensations else {
            return try await RunExecution.end(of: run, through: self, under: nil, in: runtime).get()
        }
        // A stop cancels the task that runs the steps, and must not leave the caller's own task cancelled. What must not be
        // cut short needs a control, which keeps a cancellation back.
        let control = run.control ?? RunControl()
        let deadline = run.timeout.map { limit in
            runtime.deadlines.add(at: runtime.clock.now.advanced(by: limit)) { control.stop(.timedOut) }
        }
        let result = await control.inStoppableTask { await RunExecution.end(of: run, through: self, under: control, in: runtime) }
        if let deadline { runtime.deadlines.remove(deadline) }
        return try result.get()
    }

    /// For hosts: sets the resources up, in the order they were inserted, unless they are up already.
    ///
    /// - Throws: What the failing resource threw; those before it are down again.
    @concurrent public func setUpResources(in runtime: WorkflowRuntime = .standard) async throws(CanoError) {
        guard !resources.managed.isEmpty else { return }
        try await resources.lifecycle.enter(resources, logger: runtime.logger)
    }

    /// For hosts: ends one use of the resources; the last one tears them down, in reverse order. Errors are logged.
    @concurrent public func tearDownResources(in runtime: WorkflowRuntime = .standard) async {
        guard !resources.managed.isEmpty else { return }
        await resources.lifecycle.leave(resources, logger: runtime.logger)
    }

    /// For hosts: asks every shared resource how it is, all at the same time: what readiness is decided by. Ask between
    /// ``setUpResources(in:)`` and ``tearDownResources(in:)``.
    ///
    /// - Parameters:
    ///   - limit: How long an answer may take. A resource without one by then is unhealthy.
    ///   - runtime: The clock.
    /// - Returns: The answers in the order the resources were inserted.
    @concurrent public func checkHealth(within limit: Duration = .seconds(5), in runtime: WorkflowRuntime = .standard) async -> HealthReport
    {
        await resources.checkHealth(within: limit, in: runtime)
    }

    /// Sets the resources up for a run that may be stopped meanwhile.
    private func setUpResources(in runtime: WorkflowRuntime, under control: RunControl?) async throws(CanoError) {
        guard let control, !resources.managed.isEmpty else { return try await setUpResources(in: runtime) }
        let end = await control.inStoppableTask { () async -> Result<Void, CanoError> in
            do throws(CanoError) { return .success(try await setUpResources(in: runtime)) } catch { return .failure(error) }
        }
        if case .failure(let error) = end, error.category == .cancelled, let reason = control.handoffReason {
            throw CanoError(endOfRun: Relinquished(reason: reason))
        }
        try end.get()
    }

    private func complete(
        _ runtime: WorkflowRuntime, under control: RunControl?, _ drive: () async throws(CanoError) -> RunOutcome<State>
    ) async throws(CanoError) -> State {
        try await setUpResources(in: runtime, under: control)
        let outcome: RunOutcome<State>
        do {
            outcome = try await drive()
        } catch {
            await tearDownResources(in: runtime)
            throw error
        }
        await tearDownResources(in: runtime)
        return try outcome.exitState()
    }
}

extension CanoError {
    /// What the error that ended a run is to the code that waits for the run's end.
    @usableFromInline init(endOfRun error: any Error) {
        if let error = error as? CanoError {
            self = error
        } else if let relinquished = error as? Relinquished {
            self.init(.workflow, "the run is to be continued elsewhere (\(relinquished.reason))", code: "relinquished")
        } else if let refusal = error as? LogRefusal {
            self = refusal.error
        } else {
            self.init(error)
        }
    }
}
