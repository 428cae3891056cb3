import CanoBus
import CanoCore

/// What has happened in a run since the last script, and the rows that wait for the next one. Pure.
struct StepBuffer: Sendable {
    private(set) var events: [PendingEvent] = []
    /// The first event of those that only the next row makes true.
    private var firstAnnounced: Int?
    /// The row of an exit state, which goes with the script that ends the run.
    private(set) var exitRow: CheckpointRow?
    /// A completion row held back to be written in the same script as the next row: nothing happens between the two.
    private(set) var heldRow: CheckpointRow?

    /// Events that a script carries.
    struct Carried: Sendable {
        let events: [PendingEvent]
        fileprivate let firstAnnounced: Int?

        /// Those that don't depend on the script's row.
        fileprivate var certain: ArraySlice<PendingEvent> { events.prefix(firstAnnounced ?? events.count) }
    }

    // MARK: Events

    /// Adds an event.
    ///
    /// - Parameters:
    ///   - event: What happened.
    ///   - isAnnounced: Whether the event becomes true only with the next row, and so must be published together with it. If
    ///     the row is refused it has not happened, nor has what followed from it.
    mutating func add(_ event: PendingEvent, isAnnounced: Bool = false) {
        if isAnnounced, firstAnnounced == nil { firstAnnounced = events.count }
        events.append(event)
    }

    /// When the oldest event that may be published without a row happened, and how many there are.
    var unpublished: (since: Int64, count: Int)? {
        let count = firstAnnounced ?? events.count
        return count > 0 ? (since: events[0].time, count: count) : nil
    }

    /// Takes the oldest events, for a script.
    mutating func takeEvents(_ count: Int) -> Carried {
        var taken: [PendingEvent] = []
        if count == events.count { swap(&taken, &events) } else { taken = Array(events.prefix(count)) }
        if !events.isEmpty { events.removeFirst(count) }
        let announced = firstAnnounced.flatMap { $0 < count ? $0 : nil }
        firstAnnounced = firstAnnounced.flatMap { $0 < count ? nil : $0 - count }
        return Carried(events: taken, firstAnnounced: announced)
    }

    /// The script wrote nothing, because its row was refused: what did not depend on the row waits again.
    mutating func putBackCertain(of carried: Carried) { putBack(carried.certain) }

    /// The script wrote nothing, and is made anew with another last event.
    mutating func putBackAllButLast(of carried: Carried) { putBack(carried.events.dropLast()) }

    private mutating func putBack(_ earlier: ArraySlice<PendingEvent>) {
        events.insert(contentsOf: earlier, at: 0)
        firstAnnounced? += earlier.count
    }

    // MARK: Rows

    /// Leaves a row to the script of the next one, or to the one that ends the run, if it may wait.
    ///
    /// - Parameters:
    ///   - row: The row.
    ///   - isExit: Whether it enters an exit state.
    ///   - writes: What the step writes besides.
    /// - Returns: False when it has to be written now.
    mutating func defers(_ row: CheckpointRow, isExit: Bool, with writes: StepWrites) -> Bool {
        switch row.kind {
        case .stateEntry where isExit && writes.shared == nil:
            exitRow = row
            return true
        case .compensationCompletion where !writes.mayBeRefused:
            heldRow = row
            return true
        default:
            return false
        }
    }

    /// Redis has the row that was held back.
    mutating func heldRowWasWritten() { heldRow = nil }
}
