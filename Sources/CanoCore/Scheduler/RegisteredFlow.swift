/// A flow whatever the type of its states, and how it stands.
struct RegisteredFlow: Sendable {
    let name: String
    let followsWallClock: Bool
    let validate: @Sendable () throws(CanoError) -> Void
    let setUp: @Sendable (WorkflowRuntime) async throws(CanoError) -> Void
    let tearDown: @Sendable (WorkflowRuntime) async -> Void
    let checkHealth: @Sendable (Duration, WorkflowRuntime) async -> HealthReport
    let begin: @Sendable (FlowLaunch, Scheduler) -> Void
    var state: ScheduleState
    var runs: [RunID: RunControl] = [:]

    init<State: WorkflowState>(name: String, schedule: Schedule, backoff: BackoffPolicy, definition: FlowDefinition<State>) {
        self.name = name
        followsWallClock = schedule.timing.followsWallClock
        state = ScheduleState(schedule, backoff: backoff)
        validate = { () throws(CanoError) in
            try definition.workflow.validate()
            guard definition.workflow.node(of: definition.start) != nil else { throw definition.workflow.unknown(definition.start) }
        }
        setUp = { runtime async throws(CanoError) in try await definition.workflow.setUpResources(in: runtime) }
        tearDown = { runtime in await definition.workflow.tearDownResources(in: runtime) }
        checkHealth = { limit, runtime in await definition.workflow.checkHealth(within: limit, in: runtime) }
        begin = { launch, scheduler in definition.begin(launch, on: scheduler) }
    }
}
