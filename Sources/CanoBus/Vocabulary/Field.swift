/// The names of fields: of commands, of events and the members of their data, of records, schedules and dead letters.
///
/// Each name of the contract is spelled here, and here only.
package enum Field: String, Sendable, Hashable, CaseIterable {
    // MARK: Commands, and what records and schedules keep of them

    case type, workflow, id, input, version, schedule, name, cron, at, overlap, reason, traceparent, tracestate
    case replyTo = "reply_to"
    case expiresAt = "expires_at"
    case notBefore = "not_before"
    case delay = "delay_ms"
    case timeout = "timeout_ms"
    case interval = "every_ms"
    case timeZone = "time_zone"
    case jitter = "jitter_ms"
    case catchUp = "catch_up"

    // MARK: CloudEvents

    case specversion, source, subject, time, datacontenttype, data, runid
    case sequence, epoch, bridge

    // MARK: Records of runs

    case status, state, entry, events, rows, recoveries, output, error, rollback, resumable, created, started, updated, finished, deadline,
        cancel
    case cancelEntry = "cancel_entry"

    // MARK: Schedules

    case order, next, start, anchor, backlog, last, fired, skipped
    case lastEntry = "last_entry"

    // MARK: Dead letters

    case errorCode = "error_code"
    case errorMessage = "error_message"
    case fieldCount = "field_count"

    // MARK: Data of events

    case previous, task, item, attempt, due, run, row, kind, by, code, message, command, replaced, category, retryable, causes, base64
    case duration = "duration_ms"
    case previousBridge = "previous_bridge"
    case sameWorkflow = "same_workflow"
    case sameInput = "same_input"

    /// What the field is called in a command that is a CloudEvent: its attributes have no underscores.
    package var cloudEventName: String {
        switch self {
        case .workflow: Field.subject.rawValue
        case .input: Field.data.rawValue
        case .id: Field.runid.rawValue
        default: rawValue.filter { $0 != "_" }
        }
    }

    /// The attribute of a CloudEvent that stands in for a missing ``cloudEventName``.
    ///
    /// - Parameter type: The type of the command; nil of one that is not known.
    /// - Returns: Nil of most fields: then nothing does.
    package func cloudEventFallback(in type: CommandType?) -> Field? {
        switch (self, type) {
        case (.id, .start): nil
        case (.id, _), (.name, .unschedule): .subject
        default: nil
        }
    }
}
