import CanoBus
import CanoClient
import CanoPrimitives
import CanoRedis

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
            TextTable.Cell(Self.moment(lastFiring)), TextTable.Cell(String(schedule.skipped)),
            TextTable.Cell([paused, trouble].compactMap(\.self).joined(separator: ", "), .yellow),
        ]
    }

    /// When it fired last: the due time, or when it was told to run out of turn. The id of the run ends with it.
    private var lastFiring: Int64? {
        let told = schedule.lastRun.flatMap { run -> Int64? in
            guard run.hasPrefix(schedule.name + "@") else { return nil }
            return StreamEntryID(run.dropFirst(schedule.name.count + 1)).map { Int64(clamping: $0.milliseconds) }
        }
        return [schedule.last, told].compactMap(\.self).max()
    }

    private static func moment(_ milliseconds: Int64?) -> String { milliseconds.map(Timestamp.text) ?? "-" }

    var json: String { schedule.json }
}
