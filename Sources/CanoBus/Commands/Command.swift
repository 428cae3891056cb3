/// A command whose fields all keep their rules.
package enum Command: Sendable, Hashable {
    case start(StartCommand)
    case cancel(CancelCommand)
    case resume(ResumeCommand)
    case schedule(ScheduleCommand)
    case unschedule(UnscheduleCommand)

    /// The command itself.
    package var command: any BusCommand {
        switch self {
        case .start(let command): command
        case .cancel(let command): command
        case .resume(let command): command
        case .schedule(let command): command
        case .unschedule(let command): command
        }
    }
}
