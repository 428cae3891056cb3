import CanoClient
import CanoPrimitives

extension BusClient.ScheduleOutcome {
    /// What came of a command about a schedule, as a line.
    var line: String {
        switch self {
        case .set(let next): next.map(Timestamp.text) ?? "-"
        case .paused(let since): "paused since \(Timestamp.text(since))"
        case .superseded: "A later command about this schedule has already been carried out."
        }
    }
}
