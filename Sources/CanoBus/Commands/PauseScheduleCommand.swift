/// A command to let a schedule rest: none of its due times fires until it is resumed.
package struct PauseScheduleCommand: ScheduleSteering {
    package static let type = CommandType.pauseSchedule

    package let name: String
    package let replyName: String?
    package let trace: TraceContext

    package init(_ name: String, replyName: String? = nil, trace: TraceContext = TraceContext()) {
        self.name = name
        self.replyName = replyName
        self.trace = trace
    }
}
