/// A run's record as it is in Redis.
package struct RunRecord: Sendable, Hashable {
    package let status: RunStatus
    package let workflow: String
    /// Nil for a run that has not begun and may begin in any.
    package let version: String?
    package let state: String
    package let epoch: Int
    package let bridge: String
    package let events: Int
    package let rows: Int
    package let recoveries: Int
    package let input: String
    /// The names the terminal event is sent to, separated by commas.
    package let replyNames: String
    package let trace: TraceContext
    /// Milliseconds since 1970, as all its moments.
    package let started: Int64?
    /// When the run has to be over.
    package let deadline: Int64?
    /// How long it may take from each start or resume on, in milliseconds.
    package let timeout: Int64?
    /// Whether the run can go on: it has failed, or could not be undone whole.
    package let isResumable: Bool
    /// Why it is to be cancelled, once that was asked for.
    package let cancellation: String?

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
    }

    /// A number as records and schedules hold it: what a script can count, and with what no sum of moments and durations overflows.
    package static func number(_ text: String?) -> Int64? {
        text.flatMap { Int64($0) }.flatMap { (0..<(1 << 53)).contains($0) ? $0 : nil }
    }

    // MARK: For display

    /// The fields of a record, in the order people ask for them.
    package static let definitions: [FieldDefinition] =
        [
            .required(.status, .words(RunStatus.self), "How far the run is."),
            .required(.workflow, .name, "What runs it."),
            .optional(.version, .name, "Which version of that; absent of a scheduled run that any version may run."),
            .optional(.state, .text, "The state it is in, or ended in."),
            .optional(.output, .json, "What came of it, once completed."),
            .optional(.error, .failure, "Why it failed, or could not be undone whole."),
            .optional(.rollback, .words(RollbackResult.self), "Once failed or cancelled: what became of the steps that can be undone."),
            .optional(
                .resumable, .word(["0", "1"]),
                "Once failed: `1` when it can go on from its last step. Also of a run that could not be undone whole."),
            .optional(.cancel, .text, "Why it is to be cancelled, once that was asked for."),
            .optional(.input, .json, "The input."),
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
        ] + TraceContext.definitions

    /// The same, without what the contract says of them.
    package static let order = definitions.map(\.field)
    /// The fields that hold moments.
    package static let moments = Set(definitions.filter { $0.rule == .moment }.map(\.field))
    /// The fields that hold JSON.
    package static let nested = Set(definitions.filter(\.rule.isJSON).map(\.field))
}
