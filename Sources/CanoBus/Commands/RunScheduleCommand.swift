/// A command to start one run of a schedule now.
package struct RunScheduleCommand: ScheduleSteering {
    package static let type = CommandType.runSchedule

    package let name: String
    package let replyName: String?
    package let trace: TraceContext

    package init(_ name: String, replyName: String? = nil, trace: TraceContext = TraceContext()) {
        self.name = name
        self.replyName = replyName
        self.trace = trace
    }

    /// The id of the run that it starts, by the id of the command's entry. No due time has such a one.
    package func run(publishedAs entry: String) -> String { "\(name)@\(entry)" }

    /// This command, about a schedule whose last run is not over.
    ///
    /// - Parameters:
    ///   - run: That run.
    ///   - status: How far it is; nil while its start waits for a bridge.
    /// - Returns: The rejection.
    package func overlaps(_ run: String, _ status: RunStatus?) -> Rejection {
        let state = status.map { "is \($0.rawValue)" } ?? "waits for a bridge"
        return refused(
            .runNotOver, "The last run of the schedule \"\(name)\" is not over: \(run) \(state), and its overlap is skip. Run it later.")
    }
}
