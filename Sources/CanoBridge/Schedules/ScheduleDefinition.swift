import CanoBus
import CanoCore
import CanoPrimitives

/// What a schedule starts and when, in the engine's terms.
struct ScheduleDefinition: Sendable, Hashable {
    /// When it is due: one of the three.
    enum Due: Sendable, Hashable {
        case cron(CronExpression)
        /// Every so many milliseconds.
        case every(Int64)
        /// Once, at that moment: milliseconds since 1970.
        case at(Int64)
    }

    let workflow: String
    /// The one version that may run it; nil leaves it to the bridge.
    let version: String?
    /// JSON text; not yet known to be JSON.
    let input: String
    /// What its runs can be found by.
    let attributes: RunAttributes
    /// Where its runs' ends are announced.
    let replyName: String?
    let due: Due
    let zone: ScheduleTimeZone
    /// In milliseconds.
    let jitter: Int64
    let catchUp: ScheduleCatchUp
    let overlap: ScheduleOverlap
    let trace: TraceContext

    /// How many missed due times are made up for at most.
    static let longestCatchUp = 1_000

    /// The same schedule as the engine's type.
    var schedule: Schedule {
        let policy: CatchUpPolicy =
            switch catchUp {
            case .skip: .skip
            case .once: .once
            case .all: .all(limit: Self.longestCatchUp)
            }
        return Schedule(
            due.timing(in: zone), jitter: .milliseconds(jitter), catchUp: policy, overlap: overlap == .allow ? .allow : .skip)
    }

    /// Its next due time and what it makes up for, when it is set now; nil when it will never be due.
    func position(at now: Int64, random: RandomSource) -> ScheduleState.Position? {
        var state = ScheduleState(schedule)
        state.begin(at: now, random: random)
        // A moment that has long passed is made up for, or it is over before it began.
        var ahead = state
        _ = ahead.takeDue(at: now, random: random, limit: 0)
        let isOver = ahead.position.next == nil && ahead.position.backlog.isEmpty
        return isOver ? nil : state.position
    }
}

extension ScheduleDefinition {
    /// The first due time after a moment, and when its run begins; nil when there is none.
    func next(after moment: Int64, anchor: Int64, random: RandomSource) -> ScheduleState.Due? {
        schedule.timing.next(after: moment, anchor: anchor).map { due in
            ScheduleState.Due(due: due, start: due + (jitter == 0 ? 0 : Int64(Double(jitter) * random.next())))
        }
    }
}

// MARK: - A clock that was set back

extension ScheduleDefinition {
    /// A clock set back by less than this, in milliseconds, is waited for.
    private static let waitedFor: Int64 = 60_000

    /// The latest that its next due time can be, worked out on the clock as it is; nil where it has only one.
    ///
    /// A later one was worked out before the clock was set back, and would not come for as long.
    func latestNext(at now: Int64) -> Int64? {
        switch due {
        case .cron: schedule.timing.next(after: now + Self.waitedFor, anchor: now)
        case .every(let interval): now + interval + Self.waitedFor
        case .at: nil
        }
    }

    /// The position as it was kept, or worked out anew where the clock was set back since.
    func settled(_ kept: ScheduleState.Position, at now: Int64, random: RandomSource) -> ScheduleState.Position {
        var position = kept
        if case .every(let interval) = due, position.anchor > now {
            // In whole intervals, so that it stays due at the same moments.
            position.anchor -= ((position.anchor - now) / interval + 1) * interval
        }
        guard let next = kept.next?.due, let latest = latestNext(at: now), next > latest,
            let settled = self.next(after: now, anchor: position.anchor, random: random)
        else { return position }
        position.next = settled
        return position
    }
}

extension ScheduleDefinition.Due {
    func timing(in zone: ScheduleTimeZone) -> Timing {
        switch self {
        case .cron(let expression): .cron(expression, in: zone)
        case .every(let interval): .fixedRate(.milliseconds(interval))
        case .at(let moment): .once(at: moment)
        }
    }
}

// MARK: - From a command

extension ScheduleDefinition {
    /// Understands a command.
    ///
    /// - Throws: ``Rejection`` for an expression, a zone or a time that the engine can't use.
    init(_ command: ScheduleCommand) throws(Rejection) {
        func understood<Value>(_ field: Field, _ read: () throws -> Value) throws(Rejection) -> Value {
            do { return try read() } catch {
                let problem = (error as? CanoError)?.message ?? "\(error)"
                throw command.refused(.invalidField, "\(field.rawValue) can't be used: \(problem)")
            }
        }
        switch command.due {
        case .cron(let text): due = .cron(try understood(.cron) { try CronExpression(text) })
        case .every(let interval): due = .every(interval)
        case .at(let moment): due = .at(moment)
        }
        zone = try understood(.timeZone) { try command.timeZone.map { try ScheduleTimeZone($0) } ?? .utc }
        if let problem = due.timing(in: zone).problem {
            let field: Field = if case .at = due { .at } else { .interval }
            throw command.refused(.invalidField, "\(field.rawValue) can't be used: \(problem).")
        }
        workflow = command.workflow
        version = command.version
        input = command.input
        attributes = command.attributes
        replyName = command.replyName
        jitter = command.jitter
        catchUp = command.catchUp
        overlap = command.overlap
        trace = command.trace
    }
}

// MARK: - In Redis

extension ScheduleDefinition {
    /// The fields of the hash that say when it is due; an empty value stands for none.
    var timingFields: [(Field, String)] {
        var (cron, interval, moment) = ("", "", "")
        switch due {
        case .cron(let expression): cron = expression.description
        case .every(let milliseconds): interval = String(milliseconds)
        case .at(let milliseconds): moment = String(milliseconds)
        }
        return [(.cron, cron), (.interval, interval), (.at, moment), (.timeZone, zone.description)]
    }

    /// The other fields of the hash; an empty value stands for none.
    var otherFields: [(Field, String)] {
        [
            (.workflow, workflow), (.version, version ?? ""), (.input, input), (.attributes, attributes.field ?? ""),
            (.replyTo, replyName ?? ""),
            (.jitter, jitter == 0 ? "" : String(jitter)), (.catchUp, catchUp.rawValue), (.overlap, overlap.rawValue),
            (.traceparent, trace.parent), (.tracestate, trace.state),
        ]
    }

    /// Its only due time, if it has no more.
    var onlyMoment: Int64? { if case .at(let moment) = due { moment } else { nil } }

    /// Reads the fields again.
    ///
    /// - Returns: Nil when the hash was damaged.
    /// - Throws: ``CanoError`` for an expression or a zone that this bridge does not understand.
    init?(_ fields: [String: String]) throws(CanoError) {
        func text(_ field: Field) -> String? { fields[field.rawValue] }
        guard let workflow = text(.workflow), let catchUp = text(.catchUp).flatMap({ ScheduleCatchUp(rawValue: $0) }),
            let overlap = text(.overlap).flatMap({ ScheduleOverlap(rawValue: $0) }), let zone = text(.timeZone),
            let attributes = Self.attributes(text(.attributes)), let jitter = RunRecord.number(text(.jitter) ?? "0"),
            let due = try Self.due(text(.cron), text(.interval), text(.at))
        else { return nil }
        self.workflow = workflow
        version = text(.version)
        input = text(.input) ?? "null"
        self.attributes = attributes
        replyName = text(.replyTo)
        self.due = due
        self.zone = try ScheduleTimeZone(zone)
        self.jitter = jitter
        self.catchUp = catchUp
        self.overlap = overlap
        trace = TraceContext(parent: text(.traceparent), state: text(.tracestate))
    }

    /// Reads attributes again; nil when they were damaged.
    private static func attributes(_ json: String?) -> RunAttributes? {
        guard let json else { return RunAttributes.empty }
        do { return try RunAttributes(json: json) } catch { return nil }
    }

    private static func due(_ cron: String?, _ interval: String?, _ moment: String?) throws(CanoError) -> Due? {
        if let cron { return .cron(try CronExpression(cron)) }
        if let interval = RunRecord.number(interval) {
            return interval < BusLimits.shortestInterval.wholeMilliseconds ? nil : .every(interval)
        }
        return RunRecord.number(moment).map { .at($0) }
    }
}
