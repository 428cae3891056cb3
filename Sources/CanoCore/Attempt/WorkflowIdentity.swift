/// What runs, rows and logs call a workflow. Shared by its runs, each of which holds one reference to it.
@usableFromInline final class WorkflowIdentity: Sendable {
    /// That of a context that no workflow made.
    static let none = WorkflowIdentity(name: "", version: "")

    /// What commands, flows and metrics call it; empty for a graph without a name.
    let name: String
    /// What is written into its rows.
    let version: String

    init(name: String, version: String) {
        self.name = name
        self.version = version
    }
}
