/// A command to let a paused schedule go on.
package struct ResumeScheduleCommand: ScheduleSteering {
    package static let type = CommandType.resumeSchedule

    package let name: String
    package let replyName: String?
    package let trace: TraceContext

    package init(_ name: String, replyName: String? = nil, trace: TraceContext = TraceContext()) {
        self.name = name
        self.replyName = replyName
        self.trace = trace
    }

    /// This command, about a schedule whose last due time came while it was paused.
    package var neverDue: Rejection {
        refused(
            .expired,
            "The schedule \"\(name)\" is never due again: its last due time came while it was paused. Run it with run_schedule, or remove it."
        )
    }
}
