import Synchronization

extension Scheduler {
    /// Begins a run of a flow now, also while it rests after a failure.
    ///
    /// - Returns: The run's id. ``ScheduledFlow/trigger(input:)`` takes an input and answers the run.
    /// - Throws: ``CanoError/Category/workflow`` with the code `unknown_flow`; `not_running` before ``run()`` has set the resources up
    ///   and after a stop; `already_running` when a run goes on and the flow's overlap policy is ``OverlapPolicy/skip``; `tripped`.
    @discardableResult
    public func trigger(_ name: String) throws(CanoError) -> RunID {
        let launch = try reserveTrigger(of: name)
        let flow = state.withLock { $0.flows[launch.flow] }
        flow.begin(launch, self)
        return launch.id
    }

    /// Forgets a flow's failures, so that it is due again. A run under way goes on, and its failure will be the first.
    ///
    /// - Throws: ``CanoError/Category/workflow`` with the code `unknown_flow`.
    public func reset(_ name: String) throws(CanoError) {
        try state.withLock { state throws(CanoError) in
            guard let index = state.indices[name] else { throw Self.unknown(name) }
            let now = present(for: state.flows[index])
            state.flows[index].state.reset(at: now, random: runtime.random)
        }
        advance()
    }

    /// Cancels the runs of a flow: what they have done is undone, and the flow is idle. Does nothing when none goes on.
    ///
    /// - Throws: ``CanoError/Category/workflow`` with the code `unknown_flow`.
    public func cancel(_ name: String, reason: String? = nil) throws(CanoError) {
        let controls = try state.withLock { state throws(CanoError) in
            guard let index = state.indices[name] else { throw Self.unknown(name) }
            return Array(state.flows[index].runs.values)
        }
        for control in controls { control.stop(.cancelled(reason: reason)) }
    }

    /// What is known of a flow; `nil` when there is none of that name.
    public func info(of name: String) -> FlowInfo? {
        state.withLock { state in state.indices[name].map { info(of: state.flows[$0]) } }
    }

    /// What is known of all flows, in the order they were registered.
    public var flows: [FlowInfo] { state.withLock { state in state.flows.map { info(of: $0) } } }

    /// Whether a run goes on.
    public var hasRuns: Bool { state.withLock { $0.runsUnderWay > 0 } }

    /// Asks the resources of all flows how they are, all at the same time: what readiness is decided by.
    ///
    /// - Parameter limit: How long an answer may take. A resource without one by then is unhealthy.
    /// - Returns: The answers by flow, in the order the flows were registered, named `flow/resource`.
    @concurrent public func checkHealth(within limit: Duration = .seconds(5)) async -> HealthReport {
        let flows = state.withLock { $0.flows }
        let reports = await withTaskGroup(of: (Int, HealthReport).self) { [runtime] group in
            for (index, flow) in flows.enumerated() { group.addTask { (index, await flow.checkHealth(limit, runtime)) } }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        var all = HealthReport()
        for (index, flow) in flows.enumerated() { if let report = reports[index] { all.add(report, of: flow.name) } }
        return all
    }

    private func info(of flow: RegisteredFlow) -> FlowInfo { flow.state.info(name: flow.name, movedBy: shift(of: flow)) }
}
