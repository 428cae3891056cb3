import CanoBus
import CanoClient

extension RunRecord {
    /// What runs it, in the version it is bound to.
    var reference: WorkflowReference<JSONText, JSONText> { .json(workflow, version: version) }

    /// What is said of a run that no live bridge can go on with.
    var unserved: String { "No live bridge has the workflow \"\(workflow)\"\(version.map { " in version \"\($0)\"" } ?? "")." }
}
