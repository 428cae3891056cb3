/// A command whose fields all keep their rules.
package enum Command: Sendable, Hashable {
    case start(StartCommand)
    case cancel(CancelCommand)
    case resume(ResumeCommand)
    case signal(SignalCommand)
    case schedule(ScheduleCommand)
    case unschedule(UnscheduleCommand)
    case pauseSchedule(PauseScheduleCommand)
    case resumeSchedule(ResumeScheduleCommand)
    case runSchedule(RunScheduleCommand)
    case complete(CompleteAnswer)
    case fail(FailAnswer)
    case release(ReleaseAnswer)
    case `defer`(DeferAnswer)

    /// The command itself.
    package var command: any BusCommand {
        switch self {
        case .start(let command): command
        case .cancel(let command): command
        case .resume(let command): command
        case .signal(let command): command
        case .schedule(let command): command
        case .unschedule(let command): command
        case .pauseSchedule(let command): command
        case .resumeSchedule(let command): command
        case .runSchedule(let command): command
        case .complete(let command): command
        case .fail(let command): command
        case .release(let command): command
        case .defer(let command): command
        }
    }
}
