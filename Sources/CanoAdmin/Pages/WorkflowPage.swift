import CanoBus
import CanoClient
import CanoCore
import CanoPrimitives

/// One version of a workflow: its states, and where they lead.
struct WorkflowPage: AdminPage {
    static let path = AdminPath.workflow

    let name: String
    let version: String
    /// Nil where no bridge has published it.
    let graph: WorkflowGraph?

    static func read(_ query: FormFields, from bus: AdminBus) async throws -> WorkflowPage {
        let (name, version) = (try query.required("name"), try query.required("version"))
        return WorkflowPage(name: name, version: version, graph: try await bus.client.graph(of: name, version: version))
    }

    var title: String { "Workflow \(name)@\(version)" }

    func main(on site: Site) -> HTML {
        let picture: HTML =
            graph.map { GraphPicture($0).html } ?? "<p class=\"empty\">No bridge has published what this version looks like.</p>"
        let runs: [HTML] = ["running", "waiting", "failed"].map { (status: String) in
            site.link("\(status) runs", to: AdminPath.runs, [("status", status), ("workflow", name), ("version", version)])
        }
        return """
            <h1><span class="id">\(name)</span> \(version)</h1>
            <p class="actions">\(runs)</p>
            \(picture)
            """
    }

    var json: String {
        var text = JSONWriter()
        text.member("workflow", name)
        text.member("version", version)
        text.member("mermaid", json: JSONWriter.string(graph?.mermaid))
        return text.object
    }
}
