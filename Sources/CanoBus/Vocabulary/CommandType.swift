/// The types of commands.
package enum CommandType: String, Sendable, Hashable, CaseIterable {
    case start, cancel, resume, signal, schedule, unschedule
    case pauseSchedule = "pause_schedule"
    case resumeSchedule = "resume_schedule"
    case runSchedule = "run_schedule"
    /// What workers answer.
    case complete, fail, release, `defer`

    /// What the type of a CloudEvent begins with, before one of these.
    package static let cloudEventPrefix = "cano.run."

    /// Whether it is about a schedule, and so about no run.
    package var isAboutSchedule: Bool {
        switch self {
        case .schedule, .unschedule, .pauseSchedule, .resumeSchedule, .runSchedule: true
        case .start, .cancel, .resume, .signal, .complete, .fail, .release, .defer: false
        }
    }

    /// Whether a worker answers a task with it: it goes to the stream of results, and to no other.
    package var isAnswer: Bool {
        switch self {
        case .complete, .fail, .release, .defer: true
        case .start, .cancel, .resume, .signal, .schedule, .unschedule, .pauseSchedule, .resumeSchedule, .runSchedule: false
        }
    }

    /// Whether it needs a free slot.
    package var needsSlot: Bool { self == .start || self == .resume }

    /// The stream to publish it on.
    package var stream: InboundStream { isAnswer ? .results : needsSlot ? .commands : .control }
}

/// The streams that commands come in on.
package enum InboundStream: String, Sendable, Hashable, CaseIterable {
    /// Read while a slot is free.
    case commands
    /// Read always.
    case control
    /// Read always: what workers answer.
    case results
}
