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

    /// The fields of a record in the order people ask for them.
    package static let order: [Field] = [
        .status, .workflow, .version, .state, .output, .error, .rollback, .resumable, .cancel, .input, .notBefore, .expiresAt, .timeout,
        .deadline, .created, .started, .updated, .finished, .epoch, .bridge, .recoveries, .events, .rows, .entry, .replyTo, .traceparent,
        .tracestate,
    ]
    /// The fields that hold moments.
    package static let moments: Set<Field> = [.notBefore, .expiresAt, .deadline, .created, .started, .updated, .finished]
    /// The fields that hold JSON.
    package static let nested: Set<Field> = [.input, .output, .error]
}
