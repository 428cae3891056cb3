/// What contexts, events and rows call a state and its task.
@usableFromInline final class NodeIdentity: Sendable {
    @usableFromInline let label: String
    @usableFromInline let taskName: String
    /// Whether the task is being undone.
    let isCompensation: Bool
    /// Which of a split's branches it is, from 0.
    let branch: Int?
    /// What its errors call it.
    let place: ErrorPlace

    init(label: String, taskName: String, isCompensation: Bool = false, branch: Int? = nil) {
        self.label = label
        self.taskName = taskName
        self.isCompensation = isCompensation
        self.branch = branch
        place = ErrorPlace(state: label, task: taskName)
    }
}

extension CanoError {
    /// The error with the place it happened in. One that knows its place, from a workflow inside a task, keeps it.
    func placed(in node: NodeIdentity, attempt: Int? = nil, path: [String] = []) -> CanoError {
        placed(at: node.place, attempt: attempt, path: path)
    }
}
