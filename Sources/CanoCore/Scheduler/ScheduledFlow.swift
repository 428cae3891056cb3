/// A flow of a ``Scheduler``, by the type of its states: what is triggered with an input and answers the run.
public struct ScheduledFlow<State: WorkflowState>: Sendable {
    /// Its name.
    public let name: String
    private let scheduler: Scheduler
    private let definition: FlowDefinition<State>

    init(name: String, scheduler: Scheduler, definition: FlowDefinition<State>) {
        self.name = name
        self.scheduler = scheduler
        self.definition = definition
    }

    /// Begins a run now, also while the flow rests after a failure.
    ///
    /// - Parameter input: What its tasks read as their input; `nil` for what the flow's runs have.
    /// - Returns: The run.
    /// - Throws: ``CanoError/Category/workflow`` with the code `already_running`, `tripped` or `not_running`: see
    ///   ``Scheduler/trigger(_:)``.
    public func trigger(input: State.Input? = nil) throws(CanoError) -> RunHandle<State> {
        let launch = try scheduler.reserveTrigger(of: name)
        return definition.begin(launch, input: input, on: scheduler)
    }

    /// What the scheduler knows of it.
    public var info: FlowInfo? { scheduler.info(of: name) }
}
