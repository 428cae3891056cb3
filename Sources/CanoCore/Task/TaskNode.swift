/// A task as the graph holds it. Made by the task families; of no use to others.
public struct TaskNode<State: WorkflowState>: Sendable {
    let name: String
    let config: TaskConfig
    let handler: Handler<State>
    let requirements: [ResourceRequirement]

    init(_ task: some WorkflowTask<State>, _ handler: Handler<State>) {
        self.init(name: task.name, config: task.config, handler: handler, requirements: task.requirements)
    }

    init(compensatable task: some CompensatableTask<State>, undoneBy compensation: Compensation? = nil) {
        self.init(
            name: task.name, config: task.config, handler: .compensatable(task, compensation ?? Compensation(of: task)),
            requirements: task.requirements)
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
    /// With how it is undone.
    case compensatable(any CompensatableTask<State>, Compensation)
    /// A step whose work a worker does, with how it is undone.
    case remoteStep(VisitWork<(next: State, receipt: StepReceipt)>, Compensation)
    /// What may wait.
    case waiting(VisitWork<State>)
    case stepped(any SteppedTask<State>)
    case stream(any StreamTask<State>)
    /// Indirect, for a target is as large as a state: so all kinds are laid out alike, and code that is generic over states asks for less metadata.
    indirect case split(Split<State>)

    /// Whether entering the state is worth a row. A router decides anew after a crash and has no effects.
    var isLogged: Bool {
        if case .router = self { false } else { true }
    }

    /// Whether a row says that the state is entered before what is done there begins.
    var isEntryLogged: Bool {
        switch self {
        case .waiting(let work): !work.beginsWithoutEffects
        case .remoteStep: false
        default: true
        }
    }

    /// How what is done in the state is undone; `nil` where it is not.
    var compensation: Compensation? {
        switch self {
        case .compensatable(_, let compensation), .remoteStep(_, let compensation): compensation
        default: nil
        }
    }

    /// The kind, as metrics name it.
    var kind: String {
        switch self {
        case .task, .waiting: "single"
        case .compensatable, .remoteStep: "compensatable"
        case .router: "router"
        case .stepped: "stepped"
        case .stream: "stream"
        case .split: "split"
        }
    }
}
