extension Workflow {
    /// The name of the task a state runs; nil when it has none.
    public func taskName(of state: State) -> String? {
        node(of: state)?.identity.taskName
    }
}
