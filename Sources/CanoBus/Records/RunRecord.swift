/// A run's record as it is in Redis: how far the run is, and what came of it.
public struct RunRecord: Sendable, Hashable {
    /// All fields by their names, as the contract has them; also those of later releases.
    public let fields: [String: String]
    /// How far the run is.
    public let status: RunStatus
    /// What runs it.
    public let workflow: String
    /// Which version of that; nil of a run that has not begun and may begin in any.
    public let version: String?
    /// The state it is in, or ended in; empty before it has begun.
    public let state: String
    /// How often it has changed hands: 0 while it is scheduled, 1 at its start.
    public let epoch: Int
    /// Its owner; empty before it has one.
    public let bridge: String
    /// How many events it has written.
    public let events: Int
    /// How many checkpoint rows it has written.
    public let rows: Int
    /// Takeovers since its last row.
    public let recoveries: Int
    /// JSON text.
    public let input: String
    /// The names the terminal event is sent to, separated by commas.
    package let replyNames: String
    package let trace: TraceContext
    /// When it began, in milliseconds since 1970, as all its moments; nil before it has.
    public let started: Int64?
    /// When the run has to be over; nil when it may take as long as it wants.
    public let deadline: Int64?
    /// How long it may take from each start or resume on, in milliseconds.
    package let timeout: Int64?
    /// Whether the run can go on: it has failed, or could not be undone whole.
    public let isResumable: Bool
    /// Why it is to be cancelled, once that was asked for.
    public let cancellation: String?
    /// What it waits for, for people; nil when it doesn't wait.
    public let waitingFor: String?
    /// Since when it waits, in milliseconds since 1970; nil when it doesn't.
    public let waitingSince: Int64?
    /// When it goes on although no signal came, in milliseconds since 1970; nil when it doesn't wait, or waits for signals alone.
    public let wakeAt: Int64?
    /// How many signals it has that no step has consumed.
    public let unreadSignals: Int
    /// In which epoch it was last resumed by a command; nil when it never was.
    package let resumed: Int?

    /// Reads the fields of a record.
    ///
    /// - Returns: Nil when there is no such record.
    /// - Throws: ``BusError`` with the code `unreadableRun` when what is there is not a run's record.
    package init?(_ fields: [String: String], of run: String) throws(BusError) {
        guard !fields.isEmpty else { return nil }
        func number(_ field: Field) -> Int? { Self.number(fields[field.rawValue]).map { Int($0) } }
        guard let status = fields[Field.status.rawValue].flatMap({ RunStatus(rawValue: $0) }),
            let workflow = fields[Field.workflow.rawValue],
            let epoch = number(.epoch), let events = number(.events), let rows = number(.rows)
        else {
            throw BusError(.unreadableRun, "The record of the run \"\(run)\" was damaged: some of its fields are missing or no numbers.")
        }
        self.fields = fields
        self.status = status
        self.workflow = workflow
        version = fields[Field.version.rawValue]
        state = fields[Field.state.rawValue] ?? ""
        self.epoch = epoch
        bridge = fields[Field.bridge.rawValue] ?? ""
        self.events = events
        self.rows = rows
        recoveries = number(.recoveries) ?? 0
        input = fields[Field.input.rawValue] ?? "null"
        replyNames = fields[Field.replyTo.rawValue] ?? ""
        trace = TraceContext(parent: fields[Field.traceparent.rawValue], state: fields[Field.tracestate.rawValue])
        started = Self.number(fields[Field.started.rawValue])
        deadline = Self.number(fields[Field.deadline.rawValue])
        timeout = Self.number(fields[Field.timeout.rawValue])
        isResumable = fields[Field.resumable.rawValue] == "1"
        cancellation = fields[Field.cancel.rawValue]
        waitingFor = fields[Field.waitingFor.rawValue]
        waitingSince = Self.number(fields[Field.waitingSince.rawValue])
        wakeAt = Self.number(fields[Field.wakeAt.rawValue])
        unreadSignals = number(.signals) ?? 0
        resumed = number(.resumed)
    }

    /// A number as records and schedules hold it: what a script can count, and with what no sum of moments and durations overflows.
    package static func number(_ text: String?) -> Int64? {
        text.flatMap { Int64($0) }.flatMap { (0..<(1 << 53)).contains($0) ? $0 : nil }
    }

    /// What it can be found by.
    ///
    /// - Throws: ``BusError`` with the code `unreadableRun` when what is there is damaged.
    public var attributes: RunAttributes {
        get throws(BusError) {
            guard let json = fields[Field.attributes.rawValue] else { return .empty }
            do { return try RunAttributes(json: json) } catch {
                throw BusError(.unreadableRun, "The attributes in a run's record are damaged: \(error.message)")
            }
        }
    }

    // MARK: Whose child it is

    /// The run that waits for it, or has; nil of one that is no child.
    public var parent: String? { fields[Field.parent.rawValue] }

    /// The run from which its parent comes, or that itself; nil of one that is no child.
    public var root: String? { fields[Field.root.rawValue] }

    // MARK: What it waits for

    /// The signals it waits for: it goes on when one of these waits is met. None when it doesn't wait, or for time alone.
    ///
    /// - Throws: ``BusError`` with the code `unreadableRun` when what is there is damaged.
    public var waits: [SignalWait] {
        get throws(BusError) { try fields[Field.waits.rawValue].map { json throws(BusError) in try SignalWait.list(json) } ?? [] }
    }

    // MARK: Its end

    /// JSON text; nil until the run has completed.
    public var output: String? { fields[Field.output.rawValue] }

    /// Why it failed, or could not be undone whole; nil when it has not failed.
    ///
    /// - Throws: ``BusError`` with the code `unreadableRun` when what is there is no failure.
    public var failure: RunFailure? {
        get throws(BusError) {
            do {
                return try fields[Field.error.rawValue].map { json throws(BusError) in try RunFailure(json: json) }
            } catch {
                throw BusError(.unreadableRun, "The failure in a run's record is damaged: \(error.message)")
            }
        }
    }

    /// What became of the steps that can be undone; nil of a run that has not failed and was not cancelled.
    public var rollback: RollbackResult? { fields[Field.rollback.rawValue].flatMap { RollbackResult(rawValue: $0) } }

    /// When its command was taken, in milliseconds since 1970.
    public var created: Int64? { Self.number(fields[Field.created.rawValue]) }

    /// When the record last changed, in milliseconds since 1970.
    public var updated: Int64? { Self.number(fields[Field.updated.rawValue]) }

    /// When it ended, in milliseconds since 1970; nil until it has.
    public var finished: Int64? { Self.number(fields[Field.finished.rawValue]) }

    // MARK: For display

    /// The fields of a record, in the order people ask for them.
    package static let definitions: [FieldDefinition] =
        [
            .required(.status, .words(RunStatus.self), "How far the run is."),
            .required(.workflow, .name, "What runs it."),
            .optional(.version, .name, "Which version of that; absent of a scheduled run that any version may run."),
            .optional(.state, .text, "The state it is in, or ended in."),
            .optional(.waitingFor, .text, "While it waits: for what, for people; may change."),
            .optional(
                .waits, .json,
                "While it waits: the signals it waits for, a list of lists `[need, name, …]`. It goes on when one of them has as many as it needs."
            ),
            .optional(.waitingSince, .moment, "While it waits: since when."),
            .optional(.wakeAt, .moment, "While it waits: when it goes on although no signal came. Absent where that is never."),
            .optional(.signals, .count, "How many signals it has that no step has consumed. Absent where there are none."),
            .optional(.output, .json, "What came of it, once completed."),
            .optional(.error, .failure, "Why it failed, or could not be undone whole."),
            .optional(.rollback, .words(RollbackResult.self), "Once failed or cancelled: what became of the steps that can be undone."),
            .optional(
                .resumable, .word(["0", "1"]),
                "Once failed: `1` when it can go on from its last step. Also of a run that could not be undone whole."),
            .optional(.cancel, .text, "Why it is to be cancelled, once that was asked for."),
            .optional(.cancelEntry, .pattern(FieldRule.commandPattern), "The command that asked for it first, as `control/<entry id>`."),
            .optional(.input, .json, "The input."),
            .optional(.attributes, .attributes, "What it can be found by. Absent where it has none."),
            .optional(.notBefore, .moment, "When it was to start, in milliseconds since 1970 as all moments here."),
            .optional(.expiresAt, .moment, "From when on it was no longer to be started."),
            .optional(.timeout, .milliseconds(least: 1), "How long it may take from each start or resume on, in milliseconds."),
            .optional(.deadline, .moment, "When its time is over."),
            .optional(.created, .moment, "When its command was taken."),
            .optional(.started, .moment, "When it began."),
            .optional(.updated, .moment, "When this record last changed."),
            .optional(.finished, .moment, "When it ended."),
            .required(.epoch, .count, "How often it has changed hands: 0 while it is scheduled."),
            .optional(.bridge, .name, "Its owner."),
            .optional(.recoveries, .count, "Takeovers since its last row."),
            .required(.events, .count, "How many events it has written."),
            .required(.rows, .count, "How many checkpoint rows it has written."),
            .optional(.entry, .entry, "The id its start command had."),
            .optional(.replyTo, .names, "The names that get its end."),
            .optional(.parent, .runName, "Of a child: the run that waits for it, or has."),
            .optional(.root, .runName, "Of a child: the run from which its parent comes, or that itself."),
            .optional(.resumed, .count, "The epoch in which it was last resumed by a command."),
        ] + TraceContext.definitions

    /// The same, without what the contract says of them.
    package static let order = definitions.map(\.field)
    /// The fields that hold moments.
    package static let moments = Set(definitions.filter { $0.rule == .moment }.map(\.field))
    /// The fields that hold JSON.
    package static let nested = Set(definitions.filter(\.rule.isJSON).map(\.field))
}
