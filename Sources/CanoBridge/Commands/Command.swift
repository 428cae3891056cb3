/// A command whose fields all keep their rules.
enum Command: Sendable, Hashable {
    case start(StartCommand)
    case cancel(CancelCommand)
    case resume(ResumeCommand)
    case schedule(ScheduleCommand)
    case unschedule(UnscheduleCommand)
}
