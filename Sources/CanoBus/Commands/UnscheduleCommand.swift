/// A command to remove a schedule.
package struct UnscheduleCommand: ScheduleSteering {
    package static let type = CommandType.unschedule

    package let name: String
    package let replyName: String?
    package let trace: TraceContext

    package init(_ name: String, replyName: String? = nil, trace: TraceContext = TraceContext()) {
        self.name = name
        self.replyName = replyName
        self.trace = trace
    }
}
