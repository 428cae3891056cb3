/// The names of fields: of commands, of events and the members of their data, of records, schedules and dead letters.
///
/// Each name of the contract is spelled here, and here only.
package enum Field: String, Sendable, Hashable, CaseIterable {
    // MARK: Commands, and what records and schedules keep of them

    case type, workflow, id, input, attributes, version, schedule, name, cron, at, overlap, reason, parent, root, traceparent, tracestate
    case replyTo = "reply_to"
    case expiresAt = "expires_at"
    case notBefore = "not_before"
    case delay = "delay_ms"
    case timeout = "timeout_ms"
    case interval = "every_ms"
    case timeZone = "time_zone"
    case jitter = "jitter_ms"
    case catchUp = "catch_up"
    case messageID = "message_id"
    case keep = "keep_ms"

    // MARK: Tasks and their answers

    case attempts
    case lease = "lease_ms"
    case idempotencyKey = "idempotency_key"
    case retry
    case retryAfter = "retry_after_ms"
    case upTo = "up_to_ms"

    // MARK: CloudEvents

    case specversion, source, subject, time, datacontenttype, data, runid
    case sequence, epoch, bridge

    // MARK: Records of runs

    case status, state, entry, events, rows, recoveries, output, error, rollback, resumable, created, started, updated, finished, deadline,
        cancel
    case cancelEntry = "cancel_entry"
    case waits, signals, resumed
    case waitingFor = "waiting_for"
    case waitingSince = "waiting_since"
    case wakeAt = "wake_at"

    // MARK: Schedules

    case order, next, start, anchor, backlog, last, fired, skipped, paused
    case lastEntry = "last_entry"
    case lastRun = "last_run"
    case pauseOrder = "pause_order"

    // MARK: Dead letters

    case errorCode = "error_code"
    case errorMessage = "error_message"
    case fieldCount = "field_count"

    // MARK: Shards

    case shard, shards
    case earlierShards = "earlier_shards"

    // MARK: Graphs of workflows

    case states, edges, label, branches, undoable, from, to

    // MARK: Data of events

    case previous, task, item, attempt, due, run, row, kind, by, code, message, command, replaced, category, retryable, causes, base64,
        outcome, unread, until
    case awaited = "for"
    case duration = "duration_ms"
    case previousBridge = "previous_bridge"
    case sameWorkflow = "same_workflow"
    case sameInput = "same_input"
    case unreadSignals = "unread_signals"

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
        case (.id, _), (.name, .unschedule), (.name, .pauseSchedule), (.name, .resumeSchedule), (.name, .runSchedule): .subject
        default: nil
        }
    }
}
