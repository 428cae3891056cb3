#if SQLite
    import CanoBus
    import CanoClient
    import CanoHistory
    import CanoPrimitives

    /// One run as the history has it, also when Redis has forgotten it.
    struct HistoricRunPage: AdminPage {
        static let path = AdminPath.historicRun

        let run: HistoricRun
        let timeline: RunTimeline

        static func read(_ query: FormFields, from bus: AdminBus) async throws -> HistoricRunPage {
            guard let history = bus.history else {
                throw RequestProblem(404, "This server keeps no history: give one with admin --history.")
            }
            let id = try query.required("id")
            let number = try query.number("number", in: 0...(.max))
            guard let found = try await history.timeline(of: id, number: number) else {
                throw RequestProblem(404, "The history has no run \"\(id)\": it was never started, or ended longer ago than runs are kept.")
            }
            return HistoricRunPage(run: found.run, timeline: found.timeline)
        }

        var title: String { "Run \(run.id) in the history" }

        func main(on site: Site) -> HTML {
            let facts: [(String, HTML?)] = [
                ("workflow", "\(run.workflow)"), ("version", run.version.map { "\($0)" }), ("state", "\(run.state)"),
                ("bridge", "\(run.bridge)"),
                ("created", HTML.moment(run.created)), ("started", run.started.map { HTML.moment($0) }),
                ("finished", run.finished.map { HTML.moment($0) }), ("undone", run.rollback.map { "\($0.rawValue)" }),
                ("retries", "\(run.retries)"), ("parent", run.parent.map { site.link(run: $0) }),
                ("attributes", run.attributesJSON.map { "\($0)" }),
            ]
            let failure = run.errorCode.map { code -> HTML in "<div class=\"problem\"><b>\(code)</b> \(run.errorMessage)</div>" }
            return """
                <h1><span class="id">\(run.id)</span> <span class="status \(run.status.rawValue)">\(run.status.rawValue)</span></h1>
                \(failure)
                \(HTML.facts(facts))
                <p>\(site.link("As it is in Redis now", to: AdminPath.run, [("id", run.id)]))</p>
                <h2>What happened</h2>
                \(HTML.timeline(timeline))
                """
        }

        var json: String {
            var text = JSONWriter()
            text.member("run", json: run.json)
            text.member("timeline", json: timeline.json)
            return text.object
        }
    }
#endif
