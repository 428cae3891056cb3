import CanoClient
import CanoPrimitives

/// How the bus is now: what is the matter, what waits, what is under way.
struct OverviewPage: AdminPage {
    static let path = AdminPath.overview

    let facts: BusFacts
    let diagnosis: BusWatch.Diagnosis
    let rates: RateMeter.Rates?

    static func read(_ query: FormFields, from bus: AdminBus) async throws -> OverviewPage {
        OverviewPage(
            facts: try await bus.watch.glance(at: bus.client), diagnosis: try await bus.watch.diagnosis(of: bus.client),
            rates: bus.watch.rates)
    }

    let title = "Now"

    private var findings: [BusFinding] { diagnosis.findings }
    private var running: Int { facts.workflows.reduce(0) { $0 + $1.running } }
    private var waiting: Int { facts.workflows.reduce(0) { $0 + $1.waiting } }
    private var scheduled: Int { facts.workflows.reduce(0) { $0 + $1.scheduled } }

    func main(on site: Site) -> HTML {
        func tile(_ number: Int, _ name: String, _ path: String, _ query: [(String, String?)] = []) -> HTML {
            "<a class=\"tile\" href=\"\(site.path(path, query))\"><b>\(number)</b> \(name)</a>\n"
        }
        let tiles = [
            tile(running, "running", RunsPage.path, [("status", "running")]),
            tile(waiting, "waiting", RunsPage.path, [("status", "waiting")]),
            tile(scheduled, "scheduled", RunsPage.path, [("status", "scheduled")]),
            tile(facts.failedRuns, "failed", RunsPage.path, [("status", "failed")]),
            tile(facts.deadLetters, "dead letters", DeadLettersPage.path), tile(facts.heartbeats.count, "bridges", BridgesPage.path),
        ]
        let troubles = findings.filter { $0.severity > .fine }.map(Self.item)
        let trouble: HTML = troubles.isEmpty ? "<p class=\"fine\">Nothing is the matter.</p>" : "<ul class=\"findings\">\n\(troubles)</ul>"
        let lanes = facts.inbound.map { lane in
            [
                "\(lane.name)" as HTML, "\(lane.length)", "\(lane.oldest.map { Self.age(of: $0, at: facts.now) } ?? "–")",
                "\(lane.longestPending?.short ?? "–")",
            ]
        }
        return """
            <h1>Now</h1>
            <div class="tiles">
            \(tiles)</div>
            \(trouble)
            <p class="faint">As of \(HTML.moment(diagnosis.moment)).</p>
            <h2>What waits for bridges</h2>
            \(HTML.table(["Stream", "#Entries", "#Oldest", "#Longest in hand"], lanes, empty: "Nothing has ever waited."))
            <h2>What goes by</h2>
            \(HTML.facts([
                ("starts", "\(rates.map(\.starts.rate) ?? "–") a second"), ("events", "\(rates.map(\.events.rate) ?? "–") a second"),
                ("events kept", "\(facts.events)"), ("oldest event", HTML.moment(facts.oldestEvent)),
            ]))
            <details id="well"><summary>What is well</summary><ul class="findings">
            \(findings.filter { $0.severity == .fine }.map(Self.item))</ul></details>
            """
    }

    private static func item(_ finding: BusFinding) -> HTML {
        let remedy = finding.remedy.map { "<br><span class=\"remedy\">\($0)</span>" as HTML }
        return
            "<li class=\"\(finding.severity.rawValue)\"><b>\(finding.subject)</b>\(finding.place.map { " of \($0)" }): \(finding.finding)\(remedy)</li>\n"
    }

    private static func age(of moment: Int64, at now: Int64) -> String { Duration.milliseconds(max(0, now - moment)).short }

    var json: String {
        var text = JSONWriter()
        text.member("running", Int64(running))
        text.member("waiting", Int64(waiting))
        text.member("scheduled", Int64(scheduled))
        text.member("failed", Int64(facts.failedRuns))
        text.member("dead_letters", Int64(facts.deadLetters))
        text.member("bridges", Int64(facts.heartbeats.count))
        text.member("events", Int64(facts.events))
        text.member("events_per_second", json: rates.map { "\(($0.events * 10).rounded() / 10)" } ?? "null")
        text.member("starts_per_second", json: rates.map { "\(($0.starts * 10).rounded() / 10)" } ?? "null")
        var streams = JSONWriter()
        for lane in facts.inbound {
            var one = JSONWriter()
            one.member("length", Int64(lane.length))
            if let oldest = lane.oldest { one.member("oldest_ms", max(0, facts.now - oldest)) }
            if let longest = lane.longestPending { one.member("longest_in_hand_ms", longest.wholeMilliseconds) }
            streams.member(lane.name, json: one.object)
        }
        text.member("streams", json: streams.object)
        text.member("findings_at", diagnosis.moment)
        text.member("findings", json: JSONWriter.array(findings.map(\.json)))
        return text.object
    }
}
