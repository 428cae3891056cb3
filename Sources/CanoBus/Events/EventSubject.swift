import CanoPrimitives

/// What events of a type are about. It decides what identifies them.
package enum EventSubject: Sendable, Hashable {
    /// A run: the event is one of those it counts.
    case run
    /// A command whose run is known already.
    case knownRun
    /// A signal to a run.
    case signal
    /// What a worker answered too late.
    case lateAnswer
    /// A command that was rejected.
    case command
    /// A command about a schedule.
    case schedule
    /// A due time of a schedule.
    case dueTime

    /// What events of that type are about.
    package init(_ type: EventType) {
        switch type {
        case .runDuplicate: self = .knownRun
        case .signalTaken: self = .signal
        case .taskLate: self = .lateAnswer
        case .commandRejected: self = .command
        case .scheduleSkipped: self = .dueTime
        case .scheduleSet, .scheduleRemoved, .scheduleSuperseded, .schedulePaused, .scheduleResumed, .scheduleRan: self = .schedule
        default: self = .run
        }
    }

    /// The rule of the field `id`.
    var id: FieldRule {
        switch self {
        case .run: .pattern("\(RunName.pattern)/[0-9]{10}")
        case .knownRun: .pattern("\(RunName.pattern)\(EventEntry.duplicate)\(FieldRule.commandPattern)")
        case .signal: .pattern("\(RunName.pattern)\(EventEntry.signal)\(FieldRule.commandPattern)")
        case .lateAnswer: .pattern("\(RunName.pattern)\(EventEntry.late)\(FieldRule.answerPattern)")
        case .command: .pattern("\(EventEntry.rejected)\(FieldRule.inboundPattern)")
        case .dueTime: .pattern("\(EventEntry.schedule)\(Name.pattern)\(EventEntry.skipped)[0-9]+")
        case .schedule: .pattern("\(EventEntry.schedule)\(Name.pattern)/\(FieldRule.commandPattern)")
        }
    }

    /// The rule of the field `source`.
    var source: FieldRule {
        let prefix = "(?:\(Name.pattern)|%7B\(Name.pattern)%7D)"
        return .pattern("/cano/\(prefix)/\(hasWorkflow ? Name.pattern : "(?:\(Name.pattern))?")")
    }

    /// The rule of the field `subject`.
    var subject: FieldRule { self == .schedule || self == .dueTime ? .name : .runName }

    /// What the field `subject` says.
    var meaning: String {
        switch self {
        case .run, .knownRun, .signal, .lateAnswer: "The run id."
        case .command: "The run id where the command has a valid one, else the id of its entry."
        case .schedule, .dueTime: "The name of the schedule."
        }
    }

    /// The rule of the field `workflow`.
    var workflow: FieldRule { hasWorkflow ? .name : .emptyOr(.name) }

    /// The rule of the field `sequence`.
    var sequence: FieldRule {
        switch self {
        case .run, .knownRun: .pattern("[0-9]{10}")
        case .signal, .lateAnswer, .command, .schedule, .dueTime: .exactly(EventEntry.printed(sequence: 0))
        }
    }

    /// Whether every such event names a workflow.
    private var hasWorkflow: Bool { self == .run || self == .knownRun }
}
