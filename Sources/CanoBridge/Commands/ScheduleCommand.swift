import CanoCore
import CanoPrimitives

/// A command to start runs of a workflow again and again, or once.
struct ScheduleCommand: Sendable, Hashable {
    /// The schedule's name; one of the same name is replaced.
    let name: String
    let definition: ScheduleDefinition

    func refused(_ code: RejectionCode, _ message: String) -> Rejection {
        Rejection(
            code: code, message: message, yieldsToKnownRun: false,
            addressee: Rejection.Addressee(
                workflow: definition.workflow, replyName: definition.replyName, traceparent: definition.trace.parent), isStart: false)
    }

    /// This command, whose schedule would never be due.
    var neverDue: Rejection {
        switch definition.due {
        case .at(let moment):
            refused(
                .expired, "\(Timestamp.text(moment)) has passed. To make up for a moment that has passed, say catch_up once.")
        case .cron(let expression): refused(.invalidField, "cron is never due again: nothing is to come of \"\(expression)\".")
        case .every: refused(.invalidField, "every_ms is never due.")
        }
    }
}

/// A command to remove a schedule.
struct UnscheduleCommand: Sendable, Hashable {
    let name: String
    let replyName: String?
    let trace: TraceContext

    /// This command, about a schedule that is not there.
    var unknown: Rejection {
        Rejection(
            code: .unknownSchedule, message: "There is no schedule \"\(name)\": it was never set, was removed, or is over.",
            yieldsToKnownRun: false, addressee: Rejection.Addressee(replyName: replyName, traceparent: trace.parent), isStart: false)
    }
}
