import CanoBus
import CanoClient
import CanoPrimitives

/// The runs that Redis lists: those that are not over, that failed, or that were cancelled and could not be undone whole.
struct RunsPage: AdminPage {
    static let path = AdminPath.runs

    let page: RunPage
    /// What was asked for, as it is sent again.
    let asked: [(String, String?)]

    static func read(_ query: FormFields, from bus: AdminBus) async throws -> RunsPage {
        let filter = try await RunFilter.read(query, on: bus.client)
        var cursor: RunCursor?
        if let text = query["after"] {
            guard let read = RunCursor(text) else { throw RequestProblem(400, "\"after\" is no place in a list: begin without it.") }
            cursor = read
        }
        let count = try query.number("count", in: 1...1_000) ?? 50
        let names = RunFilter.fields + ["count"]
        return RunsPage(
            page: try await bus.client.runs(filter, after: cursor, count: Int(count)), asked: names.map { ($0, query[$0]) })
    }

    let title = "Runs"

    private func asked(_ name: String) -> String? { asked.first { $0.0 == name }?.1 }

    func main(on site: Site) -> HTML {
        let rows = page.runs.map { run in
            [
                HTML.box("run", run.id, on: site), site.link(run: run.id),
                site.link(run.workflow, to: Self.path, [("workflow", run.workflow)]), "\(run.version)",
                HTML.status(run.status),
                "\(run.state)", HTML.moment(run.date), "<span class=\"detail\">\(run.detail)</span>",
            ] as [HTML]
        }
        let next = page.next.map { cursor -> HTML in
            "<p><a rel=\"next\" href=\"\(site.path(Self.path, asked + [("after", "\(cursor)")]))\">More</a></p>"
        }
        let statusChoices = [(value: "", text: "any")] + RunFilter.statusNames.map { (value: $0, text: $0) }
        return """
            <h1>Runs</h1>
            <form class="filter" action="\(site.path(Self.path))">
            \(HTML.choice("status", "Status", statusChoices, chosen: asked("status")))
            \(HTML.field("workflow", "Workflow", asked("workflow")))
            \(HTML.field("version", "Version", asked("version")))
            \(HTML.field("attribute", "Attribute", asked("attribute"), hint: "customer=42"))
            \(HTML.choice("since", "From", RecentTime.choices(RunFilter.times), chosen: asked("since")))
            <button>Show</button>
            </form>
            \(HTML.table(
                ["", "Run", "Workflow", "Version", "Status", "State", "Since", "Detail"], rows,
                empty: page.next == nil ? "No listed run is like that. Completed runs are in no list." : "None among those looked at so far."))
            \(page.runs.isEmpty ? "" : HTML.many(actions, asked, on: site))
            \(next)
            """
    }

    /// What can be done with runs like these.
    private var actions: [any BulkAction.Type] {
        let status = asked("status").flatMap { RunStatus(rawValue: $0) }
        let isPossible = { (statuses: Set<RunStatus>) in status.map { statuses.contains($0) } ?? true }
        return (isPossible(RunFilter.cancellable) ? [CancelRunsAction.self] : [])
            + (isPossible(RunFilter.resumable) ? [ResumeRunsAction.self] : [])
    }

    var json: String {
        var text = JSONWriter()
        text.member("runs", json: JSONWriter.array(page.runs.map(\.json)))
        text.member("next", json: JSONWriter.string(page.next.map { "\($0)" }))
        return text.object
    }
}
