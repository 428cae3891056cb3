/// A task as the graph holds it. Made by the task families; of no use to others.
public struct TaskNode<State: WorkflowState>: Sendable {
    let name: String
    let config: TaskConfig
    let handler: Handler<State>
    let requirements: [ResourceRequirement]

    init(_ task: some WorkflowTask<State>, _ handler: Handler<State>) {
        self.init(name: task.name, config: task.config, handler: handler, requirements: task.requirements)
    }

    init(compensatable task: some CompensatableTask<State>) {
        self.init(
            name: task.name, config: task.config, handler: .compensatable(task, task.compensationConfig), requirements: task.requirements)
    }

    init(name: String, config: TaskConfig, handler: Handler<State>, requirements: [ResourceRequirement]) {
        self.name = name
        self.config = config
        self.handler = handler
        self.requirements = requirements
    }
}

/// The ways the engine runs a state.
enum Handler<State: WorkflowState>: Sendable {
    case task(any WorkflowTask<State>)
    case router(any WorkflowTask<State>)
    /// With how its compensation is treated.
    case compensatable(any CompensatableTask<State>, TaskConfig)
    case timer(any TimerTask<State>)
    case stepped(any SteppedTask<State>)
    case stream(any StreamTask<State>)
    case split(Split<State>)

    /// Whether entering the state is worth a row. A router decides anew after a crash and has no effects.
    var isLogged: Bool {
        if case .router = self { false } else { true }
    }

    /// The kind, as metrics name it.
    var kind: String {
        switch self {
        case .task, .timer: "single"
        case .compensatable: "compensatable"
        case .router: "router"
        case .stepped: "stepped"
        case .stream: "stream"
        case .split: "split"
        }
    }
}
