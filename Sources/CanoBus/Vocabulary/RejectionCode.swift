/// Why a command can't be carried out, as dead letters and `cano.command.rejected` say it.
@nonexhaustive
public enum RejectionCode: String, Sendable, Hashable, CaseIterable {
    case missingField = "missing_field"
    case invalidField = "invalid_field"
    case unknownType = "unknown_type"
    case unknownWorkflow = "unknown_workflow"
    case invalidInput = "invalid_input"
    case tooLarge = "too_large"
    case versionMismatch = "version_mismatch"
    case expired
    case unknownRun = "unknown_run"
    case unknownSchedule = "unknown_schedule"
    case notResumable = "not_resumable"
    case runOver = "run_over"
    case runNotOver = "run_not_over"
    case inboxFull = "inbox_full"
    case wrongShard = "wrong_shard"
}
