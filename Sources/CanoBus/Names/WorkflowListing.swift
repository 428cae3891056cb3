/// A member of `P:workflows`: which bridge has which workflow, as `<workflow>@<version>/<bridge>`.
package struct WorkflowListing: Sendable, Hashable, CustomStringConvertible {
    package let workflow: String
    package let version: String
    package let bridge: String

    package init(workflow: String, version: String, bridge: String) {
        self.workflow = workflow
        self.version = version
        self.bridge = bridge
    }

    /// Reads a member; nil when it is none. No name has an `@` or a `/` in it.
    package init?(_ text: String) {
        let halves = text.split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2 else { return nil }
        let names = halves[0].split(separator: "@", omittingEmptySubsequences: false)
        guard names.count == 2 else { return nil }
        self.init(workflow: String(names[0]), version: String(names[1]), bridge: String(halves[1]))
    }

    package var description: String { "\(workflow)@\(version)/\(bridge)" }
}
