/// What contexts, events and rows call a state and its task.
@usableFromInline final class NodeIdentity: Sendable {
    @usableFromInline let label: String
    @usableFromInline let taskName: String
    /// Whether the task is being undone.
    let isCompensation: Bool
    /// Which of a split's branches it is, from 0.
    let branch: Int?

    init(label: String, taskName: String, isCompensation: Bool = false, branch: Int? = nil) {
        self.label = label
        self.taskName = taskName
        self.isCompensation = isCompensation
        self.branch = branch
    }
}
