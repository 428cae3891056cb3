/// A command to remove a schedule.
package struct UnscheduleCommand: BusCommand {
    package static let type = CommandType.unschedule

    package static let definitions: [FieldDefinition] =
        [.required(.name, .name, "The schedule."), .replyTo] + TraceContext.definitions

    package let name: String
    package let replyName: String?
    package let trace: TraceContext

    package init(_ name: String, replyName: String? = nil, trace: TraceContext = TraceContext()) {
        self.name = name
        self.replyName = replyName
        self.trace = trace
    }

    package var values: [(Field, String?)] { [(.name, name), (.replyTo, replyName)] + trace.values }

    /// This command, about a schedule that is not there.
    package var unknown: Rejection {
        Rejection(
            .unknownSchedule, "There is no schedule \"\(name)\": it was never set, was removed, or is over.",
            of: Rejection.Addressee(replyName: replyName, traceparent: trace.parent))
    }
}
