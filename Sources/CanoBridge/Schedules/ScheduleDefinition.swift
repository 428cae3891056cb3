import CanoCore

/// What a schedule starts and when, as its command said it and as Redis keeps it.
struct ScheduleDefinition: Sendable, Hashable {
    /// When it is due, in the words of the command: one of the three.
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
    /// Where its runs' ends are announced.
    let replyName: String?
    let due: Due
    let zone: ScheduleTimeZone
    /// In milliseconds.
    let jitter: Int64
    let catchUp: CatchUp
    let overlap: Overlap
    let trace: TraceContext

    enum CatchUp: String, Sendable, CaseIterable { case skip, once, all }
    enum Overlap: String, Sendable, CaseIterable { case skip, allow }

    /// The most often a schedule is due.
    static let shortestInterval: Int64 = 100
    /// How many missed due times are made up for at most.
    static let longestCatchUp = 1_000

    /// The schedule that the engine reckons with.
    var schedule: Schedule {
        let timing: Timing =
            switch due {
            case .cron(let expression): .cron(expression, in: zone)
            case .every(let interval): .fixedRate(.milliseconds(interval))
            case .at(let moment): .once(at: moment)
            }
        let policy: CatchUpPolicy =
            switch catchUp {
            case .skip: .skip
            case .once: .once
            case .all: .all(limit: Self.longestCatchUp)
            }
        return Schedule(timing, jitter: .milliseconds(jitter), catchUp: policy, overlap: overlap == .allow ? .allow : .skip)
    }

    /// Where it stands when it is set, or nil when it will never be due.
    func position(at now: Int64, random: RandomSource) -> ScheduleState.Position? {
        var state = ScheduleState(schedule)
        state.begin(at: now, random: random)
        // A moment that has long passed is made up for, or it is over before it began.
        var ahead = state
        _ = ahead.takeDue(at: now, random: random, limit: 0)
        let isOver = ahead.position.next == nil && ahead.position.backlog.isEmpty
        return isOver ? nil : state.position
    }

    // MARK: In Redis

    /// The fields of the hash, those that say when it is due first; an empty value stands for none.
    var fields: [(name: String, value: String)] {
        var (cron, interval, moment) = ("", "", "")
        switch due {
        case .cron(let expression): cron = expression.description
        case .every(let milliseconds): interval = String(milliseconds)
        case .at(let milliseconds): moment = String(milliseconds)
        }
        return [
            ("cron", cron), ("every_ms", interval), ("at", moment), ("time_zone", zone.description), ("workflow", workflow),
            ("version", version ?? ""), ("input", input), ("reply_to", replyName ?? ""), ("jitter_ms", jitter == 0 ? "" : String(jitter)),
            ("catch_up", catchUp.rawValue), ("overlap", overlap.rawValue), ("traceparent", trace.parent), ("tracestate", trace.state),
        ]
    }

    /// A number as a schedule holds it: what commands may say, and with what no sum of moments and durations overflows.
    static func number(_ text: String?) -> Int64? {
        text.flatMap { Int64($0) }.flatMap { (0..<(1 << 53)).contains($0) ? $0 : nil }
    }

    /// Reads them again.
    ///
    /// - Returns: Nil when the hash was damaged.
    /// - Throws: ``CanoError`` for an expression or a zone that this bridge does not understand.
    init?(_ fields: [String: String]) throws(CanoError) {
        guard let workflow = fields["workflow"], let catchUp = fields["catch_up"].flatMap(CatchUp.init),
            let overlap = fields["overlap"].flatMap(Overlap.init), let zone = fields["time_zone"],
            let jitter = Self.number(fields["jitter_ms"] ?? "0"), let due = try Self.due(fields)
        else { return nil }
        self.init(
            workflow: workflow, version: fields["version"], input: fields["input"] ?? "null", replyName: fields["reply_to"], due: due,
            zone: try ScheduleTimeZone(zone), jitter: jitter, catchUp: catchUp, overlap: overlap,
            trace: TraceContext(parent: fields["traceparent"], state: fields["tracestate"]))
    }

    private static func due(_ fields: [String: String]) throws(CanoError) -> Due? {
        if let cron = fields["cron"] { return .cron(try CronExpression(cron)) }
        if let interval = number(fields["every_ms"]) { return interval < shortestInterval ? nil : .every(interval) }
        return number(fields["at"]).map(Due.at)
    }

    init(
        workflow: String, version: String? = nil, input: String = "null", replyName: String? = nil, due: Due, zone: ScheduleTimeZone = .utc,
        jitter: Int64 = 0, catchUp: CatchUp = .skip, overlap: Overlap = .skip, trace: TraceContext = TraceContext(parent: nil, state: nil)
    ) {
        self.workflow = workflow
        self.version = version
        self.input = input
        self.replyName = replyName
        self.due = due
        self.zone = zone
        self.jitter = jitter
        self.catchUp = catchUp
        self.overlap = overlap
        self.trace = trace
    }
}
