import CanoBus
import CanoPrimitives

/// A member of `P:known`: a workflow that bridges have or had, in one version or in any.
struct KnownWorkflow: Sendable, Hashable {
    let workflow: String
    let version: String?

    init(workflow: String, version: String?) {
        self.workflow = workflow
        self.version = version
    }

    /// Reads a member; nil when it is none.
    init?(_ member: String) {
        let names = member.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
        guard names.count == 2, Name.isValid(names[0]), names[1].isEmpty || Name.isValid(names[1]) else { return nil }
        self.init(workflow: names[0], version: names[1].isEmpty ? nil : names[1])
    }
}
