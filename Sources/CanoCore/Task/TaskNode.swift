/// A task as the graph holds it. Made by the task families; of no use to others.
public struct TaskNode<State: WorkflowState>: Sendable {
    let name: String
    let config: TaskConfig
    let handler: Handler<State>
}

/// The ways the engine runs a state.
enum Handler<State: WorkflowState>: Sendable {
    case task(any WorkflowTask<State>)

    /// Whether entering the state is worth a row.
    var isLogged: Bool { true }
}

/// What contexts, events and rows call a state and its task.
final class NodeIdentity: Sendable {
    let label: String
    let taskName: String

    init(label: String, taskName: String) {
        self.label = label
        self.taskName = taskName
    }
}
