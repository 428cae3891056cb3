import CanoBus
import CanoClient
import CanoCore
import CanoPrimitives

/// One run: how far it is, why it failed, what happened in it, and what can be done about it.
struct RunDetailsPage: AdminPage {
    static let path = AdminPath.run

    let id: String
    let record: RunRecord
    let timeline: RunTimeline
    let store: [String: String]
    /// What its workflow looks like; nil where no bridge has published it, or it is damaged.
    let graph: WorkflowGraph?
    let isLive: Bool

    /// How many entries of the stream of all events are looked at, so that a page takes no longer on a busy bus.
    private static let lookedAt: Int64 = 2_000

    static func read(_ query: FormFields, from bus: AdminBus) async throws -> RunDetailsPage {
        let id = try query.required("id")
        let entries = try query.number("look", in: 1...1_000_000) ?? lookedAt
        guard let record = try await bus.client.record(of: id) else {
            throw RequestProblem(404, "There is no run \"\(id)\": it was never started, or is over for longer than records are kept.")
        }
        let timeline = try await bus.client.timeline(of: id, lookingAt: Int(entries))
        return RunDetailsPage(
            id: id, record: record, timeline: timeline ?? RunTimeline([], of: record.events),
            store: record.status == .completed ? [:] : try await bus.client.store(of: id),
            graph: try await graph(of: record, id, on: bus.client), isLive: query["look"] == nil)
    }

    private static func graph(of record: RunRecord, _ run: String, on bus: BusClient) async throws -> WorkflowGraph? {
        guard let version = record.version else { return nil }
        do { return try await bus.graph(of: record.workflow, version: version, ofRun: run) } catch is BusError { return nil }
    }

    var title: String { "Run \(id)" }

    func main(on site: Site) -> HTML {
        """
        <h1><span class="id">\(id)</span> \(HTML.status(record.status))</h1>
        \(trouble)
        \(HTML.facts(facts(on: site)))
        \(actions(on: site))
        <h2>What happened</h2>
        \(happened(on: site))
        \(kept)
        \(graph.map { "<h2>Where it is</h2>\(GraphPicture($0, current: record.state).html)" as HTML })
        <details id="record"><summary>The whole record</summary>
        \(HTML.facts(RecordListing(record.fields).fields.map { ($0.name, "<code>\($0.value)</code>") }))</details>
        """
    }

    /// Why it failed, with its causes.
    private var trouble: HTML {
        let failure: RunFailure?
        do { failure = try record.failure } catch { return "<p class=\"problem\">\("\(error)")</p>" }
        guard let failure else { return "" }
        return "<div class=\"problem\">\(Self.lines(of: failure))</div>"
    }

    private static func lines(of failure: RunFailure) -> HTML {
        let place = [failure.state.map { "in \($0)" }, failure.task.map { "task \($0)" }, failure.attempt.map { "attempt \($0)" }]
            .compactMap(\.self).joined(separator: ", ")
        let causes = failure.causes.map { "<li>\(lines(of: $0))</li>" as HTML }
        return """
            <b>\(failure.code)</b> \(failure.message) <span class="faint">\(place)</span>\(causes.isEmpty ? "" : "<ul>\(causes)</ul>" as HTML)
            """
    }

    private func workflow(on site: Site) -> HTML {
        guard let version = record.version else { return "\(record.workflow)" }
        return site.link(record.workflow, to: AdminPath.workflow, [("name", record.workflow), ("version", version)])
    }

    private func facts(on site: Site) -> [(String, HTML?)] {
        func text(_ value: String?) -> HTML? { value.flatMap { $0.isEmpty ? nil : "\($0)" } }
        let waits: [String]
        do { waits = try record.waits.map { "\($0.need) of \($0.signals.joined(separator: ", "))" } } catch { waits = ["\(error)"] }
        return [
            ("workflow", workflow(on: site)), ("version", text(record.version)),
            ("state", text(record.state)),
            ("bridge", text(record.bridge)), ("created", record.created.map { HTML.moment($0) }),
            ("started", record.started.map { HTML.moment($0) }),
            ("finished", record.finished.map { HTML.moment($0) }), ("deadline", record.deadline.map { HTML.moment($0) }),
            ("waits for", text(record.waitingFor)), ("signals", waits.isEmpty ? nil : text(waits.joined(separator: "; "))),
            ("since", record.waitingSince.map { HTML.moment($0) }), ("until", record.wakeAt.map { HTML.moment($0) }),
            ("to be cancelled", record.status.isOver ? nil : text(record.cancellation)), ("undone", text(record.rollback?.rawValue)),
            ("parent", record.parent.map { site.link(run: $0) }),
            ("root", record.root.map { $0 == record.parent ? nil : site.link(run: $0) } ?? nil),
            ("attributes", text(record.fields[Field.attributes.rawValue])),
        ]
    }

    private func actions(on site: Site) -> HTML {
        guard !site.isReadOnly else { return "" }
        var buttons: [HTML] = []
        if !record.status.isOver, record.cancellation == nil {
            buttons.append(site.button("Cancel", CancelAction.path, [("id", id)], asking: "Cancel this run? What it has done is undone."))
        }
        if record.status.isOver, record.isResumable {
            buttons.append(site.button("Resume", ResumeAction.path, [("id", id)], asking: "Let this run go on from its last step?"))
        }
        if !record.status.isOver {
            buttons.append(
                """
                <details id="signal"><summary>Send a signal</summary>
                <form method="post" action="\(site.path(SignalAction.path))"><input type="hidden" name="id" value="\(id)">
                \(HTML.field("name", "Name", nil)) \(HTML.field("data", "Data (JSON)", nil, hint: "null"))
                <button>Send</button></form></details>
                """)
        }
        return "<div class=\"actions\">\(buttons)</div>"
    }

    private func happened(on site: Site) -> HTML {
        let further: HTML = timeline.isWhole ? "" : "<p>\(site.link("Look further", to: Self.path, [("id", id), ("look", "100000")]))</p>"
        return "\(HTML.timeline(timeline))\(further)"
    }

    /// What it was given, what it has stored, what came of it.
    private var kept: HTML {
        let output = record.output.map { "<h2>Output</h2>\(HTML.block($0.indentedJSON))" as HTML }
        let stored = store.sorted { $0.key < $1.key }.map { ($0.key, HTML.block($0.value.prefix(4_096).indentedJSON) as HTML?) }
        return """
            <h2>Input</h2>\(HTML.block(record.input.indentedJSON))
            \(output)
            \(stored.isEmpty ? "" : "<h2>Store</h2>\(HTML.facts(stored))" as HTML)
            """
    }

    var json: String {
        var text = JSONWriter()
        text.member("id", id)
        text.member("record", json: RecordListing(record.fields).json)
        text.member("timeline", json: timeline.json)
        var stored = JSONWriter()
        for (name, value) in store.sorted(by: { $0.key < $1.key }) { stored.member(name, value) }
        text.member("store", json: stored.object)
        return text.object
    }
}
