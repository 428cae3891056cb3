/// A run that is under way here, and is to be followed by whatever has a slot for it.
struct BegunRun: Sendable {
    let task: RunTask
    let execution: RunExecution

    /// Returns when the run is over, put down, or goes on elsewhere.
    func untilOver() async { await execution.follow(task) }
}

extension BegunRun: Hashable {
    static func == (one: BegunRun, other: BegunRun) -> Bool { one.task === other.task }

    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(task)) }
}
