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

    /// Runs the command that the program's arguments name.
    static func runAsProgram() async {
        do {
            var command = try parseAsRoot()
            do {
                if var command = command as? any AsyncParsableCommand {
                    try await command.run()
                } else {
                    try command.run()
                }
            } catch  where PrintedError.isOwn(error) {
                throw error
            } catch {
                throw PrintedError(error)
            }
        } catch {
            exit(withError: error)
        }
    }
}
