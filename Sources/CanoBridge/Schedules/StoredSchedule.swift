import CanoBus
import CanoCore
import CanoRedis

/// A schedule as Redis has it: what it starts, and how far it is.
struct StoredSchedule: Sendable {
    let name: String
    let definition: ScheduleDefinition
    let position: ScheduleState.Position
    /// The position as text: as long as Redis has this, no bridge has moved the schedule on.
    let revision: Revision
    /// The last run that it has started, and the entry of its start.
    let last: (run: String, entry: StreamEntryID)?

    struct Revision: Sendable, Hashable {
        /// What it was set by; changes whenever it is set or removed.
        let order: String
        let next: String
        let backlog: String
        /// The entry of its last start.
        let lastEntry: String
    }

    /// Reads the fields of its hash.
    ///
    /// - Throws: ``BusError`` with the code `unreadableSchedule` when this bridge can't make sense of it.
    init(_ texts: [String: String], name: String) throws(BusError) {
        do {
            guard let definition = try ScheduleDefinition(texts), let order = texts[Field.order.rawValue],
                let position = Self.position(texts)
            else {
                throw BusError(.unreadableSchedule, "The schedule \"\(name)\" was damaged: set it again.")
            }
            self.definition = definition
            self.position = position
            revision = Revision(
                order: order, next: texts[Field.next.rawValue] ?? "", backlog: texts[Field.backlog.rawValue] ?? "",
                lastEntry: texts[Field.lastEntry.rawValue] ?? "")
        } catch let error as BusError {
            throw error
        } catch {
            throw BusError(.unreadableSchedule, "The schedule \"\(name)\" can't be read by this bridge: \(error)")
        }
        self.name = name
        last = texts[Field.lastRun.rawValue].flatMap { run in
            texts[Field.lastEntry.rawValue].flatMap { StreamEntryID($0) }.map { (run, $0) }
        }
    }

    /// How far it is; nil when that was damaged.
    private static func position(_ fields: [String: String]) -> ScheduleState.Position? {
        func number(_ field: Field) -> Int64? { RunRecord.number(fields[field.rawValue]) }
        guard let anchor = number(.anchor) else { return nil }
        let backlog = (fields[Field.backlog.rawValue] ?? "").split(separator: ",").map { RunRecord.number(String($0)) }
        guard backlog.count <= ScheduleDefinition.longestCatchUp, !backlog.contains(nil) else { return nil }
        var next: ScheduleState.Due?
        if let text = fields[Field.next.rawValue] {
            guard let due = RunRecord.number(text), let start = RunRecord.number(fields[Field.start.rawValue] ?? text) else { return nil }
            next = ScheduleState.Due(due: due, start: start)
        }
        // One that is paused has no due time until it is resumed.
        guard next != nil || !backlog.isEmpty || fields[Field.paused.rawValue] != nil else { return nil }
        return ScheduleState.Position(anchor: anchor, next: next, backlog: backlog.compactMap(\.self))
    }

    /// The id of the run of a due time.
    static func run(of name: String, due: some CustomStringConvertible) -> String { "\(name)@\(due)" }

    /// How far it is when it goes on at that moment after a pause: with its next due time from then on. Those that came meanwhile are not made up
    /// for, whatever is done about missed ones, for they were not to fire.
    func resumed(at now: Int64, random: RandomSource) -> ScheduleState.Position {
        var position = definition.settled(position, at: now, random: random)
        position.next = definition.next(after: now, anchor: position.anchor, random: random)
        return position
    }

    /// Whether its next due time was worked out before the clock was set back.
    func isAhead(at now: Int64) -> Bool {
        guard let next = position.next?.due, let latest = definition.latestNext(at: now) else { return false }
        return next > latest
    }

    /// Decides what is to be done now.
    ///
    /// - Parameters:
    ///   - now: Milliseconds since 1970.
    ///   - overlap: Its last run, if that is not over yet.
    ///   - random: What jitter is drawn from.
    /// - Returns: What to do, and how far it is then.
    func step(at now: Int64, overlap: ScheduleOverlapping?, random: RandomSource) -> ScheduleStep {
        let position = definition.settled(position, at: now, random: random)
        var state = ScheduleState(definition.schedule, at: position, isRunning: overlap != nil)
        let starts = state.takeDue(at: now, random: random, limit: ScheduleStep.largest)
        // One that was just fired may be why the next is left out.
        let fired = starts.last?.due.map { ScheduleOverlapping(run: Self.run(of: name, due: $0), status: nil) }
        let last = fired ?? overlap
        let waits = state.position.backlog.isEmpty ? nil : now + ScheduleStep.pause
        return ScheduleStep(
            due: starts.compactMap(\.due),
            leftOut: last.map { last in
                state.leftOut.map { ScheduleSkipped(due: $0, run: last.run, status: last.status) }
            } ?? [], position: state.position,
            lookAgain: [state.wakeUp.map { max($0, now) }, waits].compactMap { $0 }.min() ?? now)
    }
}

/// A run of a schedule that is not over.
struct ScheduleOverlapping: Sendable, Hashable {
    let run: String
    /// How far it is; nil while its start waits.
    let status: RunStatus?
}

/// What a schedule does at a look.
struct ScheduleStep: Sendable, Hashable {
    /// The due times to be fired, in the order they are fired in.
    let due: [Int64]
    /// The due times that are left out, because its last run is not over.
    var leftOut: [ScheduleSkipped] = []
    /// How far it is then.
    let position: ScheduleState.Position
    /// When to look at it again, in milliseconds since 1970.
    let lookAgain: Int64

    /// The most starts published in one step.
    static let largest = 100
    /// How long a missed due time that waits for another run's end is left alone, in milliseconds.
    static let pause: Int64 = 1_000
}
