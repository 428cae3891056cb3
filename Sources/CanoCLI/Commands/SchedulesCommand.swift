import ArgumentParser

/// `schedules`: the schedules of a bus, and what is done about them.
struct SchedulesCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "schedules",
            abstract: "Prints the schedules and when they are due, pauses and resumes them, or runs one now.",
            subcommands: [ListSchedulesCommand.self, SchedulesPauseCommand.self, SchedulesResumeCommand.self, SchedulesRunCommand.self],
            defaultSubcommand: ListSchedulesCommand.self)
    }
}
