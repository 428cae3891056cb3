import ArgumentParser

/// The commands of a bridge's program.
struct BridgeCommandLine<Application: BridgeApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: Application.commandName,
            abstract: "Runs workflows that are started and reported on Redis streams.",
            subcommands: [
                ServeCommand<Application>.self, StartRunCommand.self, CancelRunCommand.self, ResumeRunCommand.self,
                RunStatusCommand.self, SetScheduleCommand.self, RemoveScheduleCommand.self, ListSchedulesCommand.self, EventsCommand.self,
            ])
    }
}
