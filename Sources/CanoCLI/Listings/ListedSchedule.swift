import CanoBus
import CanoClient
import CanoPrimitives

/// A schedule, with why it does not fire if that is known, as it is printed.
struct ListedSchedule: Listed {
    let schedule: ScheduleRecord
    var trouble: String?

    static let columns: [TextTable.Column] = [
        .text("NEXT"), .text("SCHEDULE"), .text("WORKFLOW"), .text("DUE"), .number("FIRED"), .text("LAST"), .number("LEFT OUT"), .text(""),
    ]

    var row: [TextTable.Cell] {
        let paused = schedule.pausedSince.map { "paused since \(Timestamp.text($0))" }
        return [
            TextTable.Cell(Self.moment(schedule.next)), TextTable.Cell(schedule.name), TextTable.Cell(schedule.workflow ?? "-"),
            TextTable.Cell(schedule.due, schedule.timing == nil ? .red : nil), TextTable.Cell(String(schedule.fired)),
            TextTable.Cell(Self.moment(schedule.last)), TextTable.Cell(String(schedule.skipped)),
            TextTable.Cell([paused, trouble].compactMap(\.self).joined(separator: ", "), .yellow),
        ]
    }

    private static func moment(_ milliseconds: Int64?) -> String { milliseconds.map(Timestamp.text) ?? "-" }

    var json: String { schedule.json }
}
