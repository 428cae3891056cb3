import CanoClient
import CanoPrimitives

/// The workflows by name and version, and who has them.
struct WorkflowsPage: AdminPage {
    static let path = AdminPath.workflows

    let workflows: [ServedWorkflow]

    static func read(_ query: FormFields, from bus: AdminBus) async throws -> WorkflowsPage {
        WorkflowsPage(workflows: try await bus.client.workflows())
    }

    let title = "Workflows"

    func main(on site: Site) -> HTML {
        let rows = workflows.map { workflow in
            func runs(_ count: Int, _ status: String) -> HTML {
                let query: [(String, String?)] = [("status", status), ("workflow", workflow.name), ("version", workflow.version)]
                return count == 0 ? "0" : site.link("\(count)", to: RunsPage.path, query)
            }
            let trouble: HTML =
                workflow.isStranded ? "<span class=\"bad\">no bridge has it: start one that does, or cancel its runs</span>" : ""
            return [
                workflow.version.map { site.link(workflow.name, to: AdminPath.workflow, [("name", workflow.name), ("version", $0)]) }
                    ?? "\(workflow.name)",
                "\(workflow.version ?? "any")", "\(workflow.bridges.count)",
                runs(workflow.running, "running"), runs(workflow.waiting, "waiting"), runs(workflow.scheduled, "scheduled"), trouble,
            ] as [HTML]
        }
        let columns = ["Workflow", "Version", "#Bridges", "#Running", "#Waiting", "#Scheduled", ""]
        return "<h1>Workflows</h1>\(HTML.table(columns, rows, empty: "No bridge has ever had a workflow on this bus."))"
    }

    var json: String {
        var text = JSONWriter()
        text.member("workflows", json: JSONWriter.array(workflows.map(\.json)))
        return text.object
    }
}
