/// A command that names a schedule and says no more about it.
package protocol ScheduleSteering: BusCommand {
    /// The schedule's name.
    var name: String { get }
    /// Where the command's answer goes.
    var replyName: String? { get }
    var trace: TraceContext { get }

    init(_ name: String, replyName: String?, trace: TraceContext)
}

extension ScheduleSteering {
    package static var definitions: [FieldDefinition] { [.required(.name, .name, "The schedule."), .replyTo] + TraceContext.definitions }

    package var values: [(Field, String?)] { [(.name, name), (.replyTo, replyName)] + trace.values }

    /// This command, about a schedule that is not there.
    package var unknown: Rejection {
        refused(.unknownSchedule, "There is no schedule \"\(name)\": it was never set, was removed, or is over.")
    }

    /// This command, about a schedule that a bridge can't read.
    package func unreadable(_ error: BusError) -> Rejection { refused(.unknownSchedule, error.message) }

    /// This command, refused for that reason.
    package func refused(_ code: RejectionCode, _ message: String) -> Rejection {
        Rejection(code, message, of: Rejection.Addressee(replyName: replyName, traceparent: trace.parent))
    }
}
