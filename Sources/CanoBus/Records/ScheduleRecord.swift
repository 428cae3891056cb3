/// A schedule as it is in Redis.
public struct ScheduleRecord: Sendable, Hashable {
    /// What it is called.
    public let name: String
    /// All fields by their names, as the contract has them; also those of later releases. Empty when its hash is damaged or gone.
    public let fields: [String: String]

    /// Reads the fields of its hash.
    package init(name: String, fields: [String: String]) {
        self.name = name
        self.fields = fields
    }

    package subscript(field: Field) -> String? { fields[field.rawValue] }

    /// The workflow whose runs it starts; nil when its hash is damaged.
    public var workflow: String? { self[.workflow] }

    /// The one version that may run them; nil when any may.
    public var version: String? { self[.version] }

    /// The input of its runs, as JSON text.
    public var input: String { self[.input] ?? "null" }

    /// When it is due next, in milliseconds since 1970; nil while it is paused, and when its hash is damaged or only missed times are left.
    public var next: Int64? { RunRecord.number(self[.next]) }

    /// The last due time that was fired, in milliseconds since 1970; nil before the first.
    public var last: Int64? { RunRecord.number(self[.last]) }

    /// How often it has fired.
    public var fired: Int64 { RunRecord.number(self[.fired]) ?? 0 }

    /// How many due times were left out because the last run was not over.
    public var skipped: Int64 { RunRecord.number(self[.skipped]) ?? 0 }

    /// The last run it has started, at a due time or because it was told to; nil before the first.
    public var lastRun: String? { self[.lastRun] }

    /// Since when it is paused, in milliseconds since 1970; nil unless it is.
    public var pausedSince: Int64? { RunRecord.number(self[.paused]) }

    /// What happens when it is due while that run is not over; nil when its hash is damaged.
    public var overlap: ScheduleOverlap? { self[.overlap].flatMap { ScheduleOverlap(rawValue: $0) } }

    /// The rule for its due times; nil when its hash is damaged.
    public var timing: ScheduleTiming? {
        if let cron = self[.cron] { return .cron(cron, timeZone: self[.timeZone] ?? "UTC") }
        if let interval = RunRecord.number(self[.interval]) { return .every(.milliseconds(interval)) }
        return RunRecord.number(self[.at]).map { .at($0) }
    }
}
