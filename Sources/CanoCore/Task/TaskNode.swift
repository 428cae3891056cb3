/// A task as the graph holds it. Made by the task families; of no use to others.
public struct TaskNode<State: WorkflowState>: Sendable {
    let name: String
    let config: TaskConfig
    let handler: Handler<State>
    let requirements: [ResourceRequirement]

    init(_ task: some WorkflowTask<State>, _ handler: Handler<State>) {
        self.init(name: task.name, config: task.config, handler: handler, requirements: task.requirements)
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
    case stepped(any SteppedTask<State>)
    case stream(any StreamTask<State>)
    case split(any SplitHandler<State>)

    /// Whether entering the state is worth a row. A router decides anew after a crash and has no effects.
    var isLogged: Bool {
        if case .router = self { false } else { true }
    }

    /// The kind, as metrics name it.
    var kind: String {
        switch self {
        case .task: "single"
        case .router: "router"
        case .stepped: "stepped"
        case .stream: "stream"
        case .split: "split"
        }
    }
}

/// What contexts, events and rows call a state and its task.
@usableFromInline final class NodeIdentity: Sendable {
    @usableFromInline let label: String
    @usableFromInline let taskName: String

    init(label: String, taskName: String) {
        self.label = label
        self.taskName = taskName
    }
}
