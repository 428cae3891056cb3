import ArgumentParser

/// The commands of a bridge's program.
struct BridgeCommandLine<Application: BridgeApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: Application.commandName,
            abstract: "Runs workflows that are started and reported on Redis streams.",
            version: VersionText.text,
            subcommands: [
                ServeCommand<Application>.self, StartRunCommand.self, CancelRunCommand.self, ResumeRunCommand.self,
                RunStatusCommand.self, SetScheduleCommand.self, RemoveScheduleCommand.self, ListSchedulesCommand.self, EventsCommand.self,
            ])
    }

    /// Runs the command that the program's arguments name.
    static func runAsProgram() async {
        do {
            var command = try parseAsRoot()
            // The commands of a bridge; the help is the argument parser's own, and knows how to show itself.
            guard var own = command as? any AsyncParsableCommand else { return try command.run() }
            do {
                try await own.run()
            } catch let error as ExitCode {
                throw error
            } catch let error as ValidationError {
                throw error
            } catch {
                throw PrintedError(error)
            }
        } catch {
            exit(withError: error)
        }
    }
}
