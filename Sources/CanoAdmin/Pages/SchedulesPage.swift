import CanoBus
import CanoClient
import CanoPrimitives

/// The schedules, the next one first.
struct SchedulesPage: AdminPage {
    static let path = AdminPath.schedules

    let schedules: [ScheduleRecord]

    static func read(_ query: FormFields, from bus: AdminBus) async throws -> SchedulesPage {
        SchedulesPage(schedules: try await bus.client.schedules())
    }

    let title = "Schedules"

    func main(on site: Site) -> HTML {
        let rows = schedules.map { schedule in
            [
                "<span class=\"id\">\(schedule.name)</span>\(paused(schedule))", "\(schedule.workflow ?? "–")", "\(schedule.due)",
                HTML.moment(schedule.next),
                HTML.moment(schedule.last), "\(schedule.lastRun.map { site.link(run: $0) })", "\(schedule.fired)", "\(schedule.skipped)",
                schedule.pausedSince == nil
                    ? site.button("Pause", PauseScheduleAction.path, [("name", schedule.name)])
                    : site.button("Resume", ResumeScheduleAction.path, [("name", schedule.name)]),
                site.button("Run now", RunScheduleAction.path, [("name", schedule.name)], asking: "Start a run of this schedule now?"),
                site.button("Remove", UnscheduleAction.path, [("name", schedule.name)], asking: "Remove this schedule? Its runs go on."),
            ] as [HTML]
        }
        let columns = ["Schedule", "Workflow", "Due", "Next", "Last", "Last run", "#Fired", "#Left out", "", "", ""]
        return "<h1>Schedules</h1>\(HTML.table(columns, rows, empty: "There is no schedule."))"
    }

    private func paused(_ schedule: ScheduleRecord) -> HTML {
        schedule.pausedSince.map { " <span class=\"tag\">paused since \(HTML.moment($0))</span>" } ?? ""
    }

    var json: String {
        var text = JSONWriter()
        text.member("schedules", json: JSONWriter.array(schedules.map(\.json)))
        return text.object
    }
}
