/// Every type of command.
package enum CommandCatalog {
    package static let all: [any BusCommand.Type] = [
        StartCommand.self, CancelCommand.self, ResumeCommand.self, SignalCommand.self, ScheduleCommand.self, UnscheduleCommand.self,
        PauseScheduleCommand.self, ResumeScheduleCommand.self, RunScheduleCommand.self,
        CompleteAnswer.self, FailAnswer.self, ReleaseAnswer.self, DeferAnswer.self,
    ]
}
