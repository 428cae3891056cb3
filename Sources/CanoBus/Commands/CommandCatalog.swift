/// Every type of command.
package enum CommandCatalog {
    package static let all: [any BusCommand.Type] = [
        StartCommand.self, CancelCommand.self, ResumeCommand.self, ScheduleCommand.self, UnscheduleCommand.self,
    ]
}
