import CanoBus

/// How a command about a run was answered in the end.
enum RunAnswer: CommandAnswer, Hashable {
    /// With JSON text; nil where events leave it out, for its length: the record has it.
    case completed(output: String?)
    /// Nil where a duplicate does not say why.
    case failed(RunFailure?)
    case cancelled(reason: String?)
    case rejected(RejectionCode, String)
    /// The id belongs to a run of another workflow or with another input.
    case otherRun

    init?(_ event: EventEntry, to command: CommandEntryID) throws(BusError) {
        guard let data = try event.data() else { return nil }
        switch data {
        case let rejected as CommandRejected:
            guard event.id == EventEntry.id(ofRejected: command) else { return nil }
            self = .rejected(rejected.code, rejected.message)
        case let completed as RunCompleted: self = .completed(output: completed.output)
        case let failed as RunFailed: self = .failed(try failed.failure)
        case let cancelled as RunCancelled: self = .cancelled(reason: cancelled.reason)
        case let duplicate as RunDuplicate:
            guard event.isDuplicate(of: command) else { return nil }
            if duplicate.hasSameWorkflow == false || duplicate.hasSameInput == false {
                self = .otherRun
                return
            }
            switch duplicate.status {
            case .scheduled, .running, .waiting: return nil
            case .completed: self = .completed(output: duplicate.output)
            case .cancelled: self = .cancelled(reason: nil)
            case .failed: self = .failed(try duplicate.failure)
            }
        default: return nil
        }
    }

    /// What a record says; nil of a run that is not over.
    ///
    /// - Throws: ``BusError`` with the code `unreadableRun`.
    init?(_ record: RunRecord) throws(BusError) {
        switch record.status {
        case .scheduled, .running, .waiting: return nil
        case .completed: self = .completed(output: record.output)
        case .failed: self = .failed(try record.failure)
        case .cancelled: self = .cancelled(reason: record.cancellation)
        }
    }
}
