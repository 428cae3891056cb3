import CanoCore
import CanoRedis

/// A schedule as Redis has it: what it starts, and where it stands.
struct StoredSchedule: Sendable {
    let name: String
    let definition: ScheduleDefinition
    let position: ScheduleState.Position
    /// What the position is as text: as long as Redis has this, nobody has moved the schedule on.
    let stand: Stand
    /// The last due time that was fired, and the entry of its start.
    let last: (due: String, entry: StreamEntryID)?

    struct Stand: Sendable, Hashable {
        /// What it was set by; changes whenever it is set or removed.
        let order: String
        let next: String
        let backlog: String
    }

    /// Reads what `HGETALL` gives.
    ///
    /// - Throws: ``BridgeError`` with the code `unreadableSchedule` when this bridge can't make sense of it.
    init(_ fields: [(field: RESPBytes, value: RESPBytes)], name: String) throws(BridgeError) {
        let texts = [String: String](hash: fields)
        do {
            guard let definition = try ScheduleDefinition(texts), let order = texts["order"], let position = Self.position(texts) else {
                throw BridgeError(.unreadableSchedule, "The schedule \"\(name)\" was damaged: set it again.")
            }
            self.definition = definition
            self.position = position
            stand = Stand(order: order, next: texts["next"] ?? "", backlog: texts["backlog"] ?? "")
        } catch let error as BridgeError {
            throw error
        } catch {
            throw BridgeError(.unreadableSchedule, "The schedule \"\(name)\" can't be read by this bridge: \(error)")
        }
        self.name = name
        last = texts["last"].flatMap { due in
            texts["last_entry"].flatMap { StreamEntryID($0) }.map { (due, $0) }
        }
    }

    /// Where it stands; nil when that was damaged.
    private static func position(_ fields: [String: String]) -> ScheduleState.Position? {
        guard let anchor = ScheduleDefinition.number(fields["anchor"]) else { return nil }
        let backlog = (fields["backlog"] ?? "").split(separator: ",").map { ScheduleDefinition.number(String($0)) }
        guard backlog.count <= ScheduleDefinition.longestCatchUp, !backlog.contains(nil) else { return nil }
        var next: ScheduleState.Due?
        if let text = fields["next"] {
            guard let due = ScheduleDefinition.number(text), let start = ScheduleDefinition.number(fields["start"] ?? text) else {
                return nil
            }
            next = ScheduleState.Due(due: due, start: start)
        }
        guard next != nil || !backlog.isEmpty else { return nil }
        return ScheduleState.Position(anchor: anchor, next: next, backlog: backlog.compactMap(\.self))
    }

    /// The id of the run of a due time.
    static func run(of name: String, due: some CustomStringConvertible) -> String { "\(name)@\(due)" }

    /// Decides what is to be done now.
    ///
    /// - Parameters:
    ///   - now: Milliseconds since 1970.
    ///   - isRunning: Whether its last run is not over yet.
    ///   - random: What jitter is drawn from.
    /// - Returns: What to do, and where it stands then.
    func step(at now: Int64, isRunning: Bool, random: RandomSource) -> ScheduleStep {
        var state = ScheduleState(definition.schedule, at: position, isRunning: isRunning)
        let starts = state.takeDue(at: now, random: random, limit: ScheduleStep.largest)
        let waits = state.position.backlog.isEmpty ? nil : now + ScheduleStep.pause
        return ScheduleStep(
            due: starts.compactMap(\.due), position: state.position,
            lookAgain: [state.wakeUp.map { max($0, now) }, waits].compactMap { $0 }.min() ?? now)
    }
}

/// What a schedule does at a look.
struct ScheduleStep: Sendable, Hashable {
    /// The due times to be fired, in the order they are fired in.
    let due: [Int64]
    /// Where it stands then.
    let position: ScheduleState.Position
    /// When to look at it again, in milliseconds since 1970.
    let lookAgain: Int64

    /// The most starts published in one step.
    static let largest = 100
    /// How long a missed due time that waits for another run's end is left alone, in milliseconds.
    static let pause: Int64 = 1_000
}
