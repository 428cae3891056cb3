import CanoPrimitives
import Logging
import Synchronization

extension Scheduler {
    /// Begins what is due after a change, and sees to it that it is called again when something is.
    ///
    /// The change and what follows from it are one: no task sees a flow that is due and doesn't run.
    func advance(after change: (inout State) -> Void = { _ in }) {
        let launches = state.withLock { state -> [(RegisteredFlow, FlowLaunch)] in
            change(&state)
            guard state.phase == .running else { return [] }
            var launches: [(RegisteredFlow, FlowLaunch)] = []
            for index in state.flows.indices {
                let now = present(for: state.flows[index])
                for start in state.flows[index].state.takeDue(at: now, random: runtime.random) {
                    launches.append((state.flows[index], reserve(start, of: index, in: &state)))
                }
            }
            arrangeWakeUp(&state)
            return launches
        }
        for (flow, launch) in launches { flow.begin(launch, self) }
    }

    /// Reserves a run that its caller begins now.
    func reserveTrigger(of name: String) throws(CanoError) -> FlowLaunch {
        try state.withLock { state throws(CanoError) in
            guard let index = state.indices[name] else { throw Self.unknown(name) }
            guard state.phase == .running else {
                throw CanoError(.workflow, "flow \"\(name)\" was not triggered: the scheduler doesn't run", code: "not_running")
            }
            let now = present(for: state.flows[index])
            do throws(ScheduleState.Refusal) {
                return reserve(try state.flows[index].state.trigger(at: now), of: index, in: &state)
            } catch {
                switch error {
                case .running:
                    throw CanoError(.workflow, "flow \"\(name)\" was not triggered: a run of it goes on", code: "already_running")
                case .tripped:
                    throw CanoError(.workflow, "flow \"\(name)\" was not triggered: it has failed too often, reset it", code: "tripped")
                }
            }
        }
    }

    /// A run has ended.
    func ended(_ launch: FlowLaunch, _ outcome: ScheduleState.Outcome) {
        let (flow, consequence) = state.withLock { state -> (RegisteredFlow, ScheduleState.Consequence) in
            let now = present(for: state.flows[launch.flow])
            let consequence = state.flows[launch.flow].state.ended(outcome, at: now, random: runtime.random)
            state.flows[launch.flow].runs[launch.id] = nil
            state.runsUnderWay -= 1
            return (state.flows[launch.flow], consequence)
        }
        report(launch, outcome, of: flow, consequence)
        advance()
        let isOver = state.withLock { $0.phase == .stopping && $0.runsUnderWay == 0 }
        if isOver { runsEnded.open() }
    }

    private func reserve(_ start: ScheduleState.Start, of index: Int, in state: inout State) -> FlowLaunch {
        let flow = state.flows[index]
        let launch = FlowLaunch(
            flow: index, id: RunID("\(flow.name)-\(RunID.random())"),
            firing: Firing(flow: flow.name, due: start.due.map { $0 + shift(of: flow) }, isCatchUp: start.isCatchUp),
            began: runtime.clock.now)
        state.flows[index].runs[launch.id] = launch.control
        state.runsUnderWay += 1
        runtime.metrics?.move(.schedulerActiveFlows, by: 1)
        return launch
    }

    private func report(
        _ launch: FlowLaunch, _ outcome: ScheduleState.Outcome, of flow: RegisteredFlow, _ consequence: ScheduleState.Consequence
    ) {
        let metrics = runtime.metrics
        metrics?.move(.schedulerActiveFlows, by: -1)
        metrics?.record(.schedulerFlowDuration, launch.began.duration(to: runtime.clock.now), flow.name)
        metrics?.count(.schedulerFlowRuns, flow.name, outcome.label)
        switch consequence {
        case .none: break
        case .rests: metrics?.count(.schedulerFlowBackoff, flow.name)
        case .trips: metrics?.count(.schedulerFlowTripped, flow.name)
        }
        guard case .failed(let error) = outcome else { return }
        // No caller waits for a run that was due, so its error would go unheard.
        runtime.logger.warning(
            consequence == .trips ? "a scheduled run failed and its flow tripped" : "a scheduled run failed",
            metadata: ["flow": "\(flow.name)", "run": "\(launch.id)", "code": "\(error.code)", "error": "\(error)"])
    }

    private func arrangeWakeUp(_ state: inout State) {
        if let deadline = state.deadline { runtime.deadlines.remove(deadline) }
        let now = runtime.clock.now
        let waits = state.flows.compactMap { flow -> Duration? in
            guard let moment = flow.state.wakeUp else { return nil }
            let present = present(for: flow)
            let wait = Duration.milliseconds(moment > present ? moment - present : 0)
            return flow.followsWallClock ? min(wait, wallClockCheck) : wait
        }
        state.deadline = waits.min().map { wait in runtime.deadlines.add(at: now.advanced(by: wait)) { [weak self] in self?.advance() } }
    }

    /// The present on a flow's time line, in milliseconds.
    func present(for flow: RegisteredFlow) -> Int64 {
        flow.followsWallClock ? runtime.clock.unixMilliseconds : runtime.clock.now.nanoseconds / 1_000_000
    }

    /// What leads from a flow's time line to that of the wall clock.
    func shift(of flow: RegisteredFlow) -> Int64 { runtime.clock.unixMilliseconds - present(for: flow) }

    static func unknown(_ name: String) -> CanoError {
        CanoError(.workflow, "the scheduler has no flow \"\(name)\"", code: "unknown_flow")
    }
}

extension ScheduleState.Outcome {
    /// Its name in metrics.
    fileprivate var label: String {
        switch self {
        case .completed: "completed"
        case .stopped: "cancelled"
        case .failed: "failed"
        }
    }
}
