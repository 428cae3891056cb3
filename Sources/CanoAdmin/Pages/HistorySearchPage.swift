#if SQLite
    import CanoBus
    import CanoClient
    import CanoHistory
    import CanoPrimitives

    /// All runs there have been, completed ones and those that Redis has forgotten included, by what they were.
    struct HistorySearchPage: AdminPage {
        static let path = AdminPath.history

        let page: HistoryPage
        let lag: HistoryLag?
        /// How long states take, where runs of one workflow are asked for.
        let durations: [StateDurations]
        /// What was asked for, as it is sent again.
        let asked: [(String, String?)]

        private static let times = RecentTime.allCases

        static func read(_ query: FormFields, from bus: AdminBus) async throws -> HistorySearchPage {
            guard let history = bus.history else {
                throw RequestProblem(404, "This server keeps no history: give one with admin --history.")
            }
            var filter = HistoryFilter(
                workflow: query["workflow"], version: query["version"], state: query["state"], errorCode: query["code"], text: query["text"]
            )
            if let text = query["status"] {
                guard let status = HistoryStatus(rawValue: text) else {
                    let all = HistoryStatus.allCases.map(\.rawValue).joined(separator: ", ")
                    throw RequestProblem(400, "\"\(text)\" is no status of runs: give \(all).")
                }
                filter.statuses = [status]
            }
            if let (name, value) = try query.attribute { filter.attributes = [name: value] }
            filter.started.from = try await query.since(times, by: { try await bus.client.now() })
            filter.started.until = try query.moment("until")
            var cursor: HistoryCursor?
            if let text = query["after"] {
                guard let read = HistoryCursor(text) else {
                    throw RequestProblem(400, "\"after\" is no place in a list: begin without it.")
                }
                cursor = read
            }
            let count = try query.number("count", in: 1...1_000) ?? 50
            let names = ["text", "status", "workflow", "version", "state", "code", "attribute", "since", "until", "count"]
            var durations: [StateDurations] = []
            if let workflow = filter.workflow { durations = try await history.stateDurations(workflow: workflow, period: filter.started) }
            return HistorySearchPage(
                page: try await history.runs(filter, after: cursor, count: Int(count)), lag: history.lag,
                durations: durations,
                asked: names.map { ($0, query[$0]) })
        }

        let title = "History"

        private func asked(_ name: String) -> String? { asked.first { $0.0 == name }?.1 }

        func main(on site: Site) -> HTML {
            let rows = page.runs.map { run in
                [
                    site.link(run.id, to: AdminPath.historicRun, [("id", run.id), ("number", String(run.number))]),
                    site.link(run.workflow, to: Self.path, [("workflow", run.workflow)]), "\(run.version)",
                    "<span class=\"status \(run.status.rawValue)\">\(run.status.rawValue)</span>", "\(run.state)", HTML.moment(run.started),
                    HTML.moment(run.finished), "<span class=\"detail\">\(run.errorCode) \(run.errorMessage)</span>",
                ] as [HTML]
            }
            let next = page.next.map { cursor -> HTML in
                "<p><a rel=\"next\" href=\"\(site.path(Self.path, asked + [("after", "\(cursor)")]))\">More</a></p>"
            }
            let statusChoices = [(value: "", text: "any")] + HistoryStatus.allCases.map { (value: $0.rawValue, text: $0.rawValue) }
            return """
                <h1>History</h1>
                \(behind)
                <form class="filter" action="\(site.path(Self.path))">
                \(HTML.field("text", "Words", asked("text"), hint: "in ids, errors, attributes"))
                \(HTML.choice("status", "Status", statusChoices, chosen: asked("status")))
                \(HTML.field("workflow", "Workflow", asked("workflow")))
                \(HTML.field("version", "Version", asked("version")))
                \(HTML.field("state", "State", asked("state")))
                \(HTML.field("code", "Error code", asked("code")))
                \(HTML.field("attribute", "Attribute", asked("attribute"), hint: "customer=42"))
                \(HTML.choice("since", "Begun in", RecentTime.choices(Self.times), chosen: asked("since")))
                \(HTML.field("until", "and before", asked("until"), hint: "2026-11-24T04:50:28Z"))
                <button>Find</button>
                </form>
                \(HTML.table(
                    ["Run", "Workflow", "Version", "Status", "State", "Began", "Ended", "Why"], rows,
                    empty: page.next == nil ? "No run was like that." : "None among those looked at so far."))
                \(next)
                \(stays)
                """
        }

        /// How far the history is behind, where that is worth a sentence.
        private var behind: HTML {
            guard let lag else { return "<p class=\"faint\">The history has not been read yet.</p>" }
            let news: HTML = lag.events == 0 ? "up to date" : "\(lag.events) events and \(lag.time.short) behind"
            let repairing: HTML = lag.isRepairing ? " Records are looked through for what was missed." : ""
            let lost: HTML = lag.lostEvents == 0 ? "" : " \(lag.lostEvents) events were gone before they were read."
            return "<p class=\"faint\">The history is \(news).\(repairing)\(lost)</p>"
        }

        private var stays: HTML {
            guard !durations.isEmpty else { return "" }
            let rows = durations.map {
                ["\($0.state)", "\($0.count)", "\($0.median.short)", "\($0.p95.short)", "\($0.longest.short)"] as [HTML]
            }
            return "<h2>How long states take</h2>\(HTML.table(["State", "#Stays", "#Median", "#95 %", "#Longest"], rows, empty: ""))"
        }

        var json: String {
            var text = JSONWriter()
            text.member("runs", json: JSONWriter.array(page.runs.map(\.json)))
            text.member("next", json: JSONWriter.string(page.next.map { "\($0)" }))
            text.member(
                "states",
                json: JSONWriter.array(
                    durations.map { one in
                        var state = JSONWriter()
                        state.member("state", one.state)
                        state.member("count", Int64(one.count))
                        state.member("median_ms", one.median.wholeMilliseconds)
                        state.member("p95_ms", one.p95.wholeMilliseconds)
                        state.member("longest_ms", one.longest.wholeMilliseconds)
                        return state.object
                    }))
            if let lag {
                text.member("behind_events", Int64(lag.events))
                text.member("behind_ms", lag.time.wholeMilliseconds)
                text.member("lost_events", Int64(lag.lostEvents))
            }
            return text.object
        }
    }

    extension HistoricRun {
        /// The run as one JSON object on one line; what there is none of is left out.
        var json: String {
            var text = JSONWriter()
            text.member("id", id)
            // A program's number may have no room for all its digits.
            text.member("number", String(number))
            text.member("workflow", workflow)
            if let version { text.member("version", version) }
            text.member("status", status.rawValue)
            text.member("state", state)
            for (name, moment) in [("created", created as Int64?), ("started", started), ("finished", finished), ("updated", updated)] {
                if let moment { text.member(name, moment) }
            }
            if let errorCode { text.member("error_code", errorCode) }
            if let errorMessage { text.member("error_message", errorMessage) }
            if let rollback { text.member("rollback", rollback.rawValue) }
            if let attributesJSON { text.member("attributes", json: attributesJSON) }
            if let parent { text.member("parent", parent) }
            text.member("retries", Int64(retries))
            text.member("events", Int64(events))
            text.member("missing_events", Int64(missingEvents))
            return text.object
        }
    }
#endif
