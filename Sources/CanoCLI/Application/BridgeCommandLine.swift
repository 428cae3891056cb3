import ArgumentParser
import Foundation

/// The commands of a bridge's program.
struct BridgeCommandLine<Application: BridgeApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: Application.commandName,
            abstract: "Runs workflows that are started and reported on Redis streams.",
            discussion: "--version, as the only argument, prints the releases of the program, of hiredis and of the time zones.",
            subcommands: [
                ServeCommand<Application>.self, ConfigCommand<Application>.self, StartRunCommand.self, CancelRunCommand.self,
                ResumeRunCommand.self,
                SignalRunCommand.self, RunStatusCommand.self, ListRunsCommand.self, SetScheduleCommand.self, RemoveScheduleCommand.self,
                SchedulesCommand.self,
                ListTasksCommand.self, ListWorkflowsCommand.self, DeadLettersCommand.self, DoctorCommand.self, GrowCommand.self,
                CheckWorkerCommand.self,
                EventsCommand.self, AdminCommand.self,
            ])
    }

    /// Reads the program's arguments, and with them what the environment and a file set.
    private static func read(_ arguments: [String]) async throws -> any ParsableCommand {
        // The parser's own flag would be in the help of commands whose option --version is the version of a workflow.
        if arguments == ["--version"] { throw CleanExit.message(VersionText.text) }
        let resolution = try await SettingResolution(
            arguments, in: ProcessInfo.processInfo.environment, of: try CommandTree(of: Self.self))
        do {
            return try parseAsRoot(resolution.arguments)
        } catch {
            if let help = try help(arguments) { return help }
            guard let blame = resolution.conflict ?? resolution.blame(message(for: error)) else { throw error }
            throw ValidationError(blame)
        }
    }

    /// The help, where that is what the arguments ask for; nil where they ask for something else.
    ///
    /// - Throws: What ends the program well, such as a script for completions.
    private static func help(_ arguments: [String]) throws -> (any ParsableCommand)? {
        do {
            let command = try parseAsRoot(arguments)
            return command is any AsyncParsableCommand ? nil : command
        } catch {
            guard exitCode(for: error) == .success else { return nil }
            throw error
        }
    }

    /// Runs the command that the program's arguments name.
    static func runAsProgram() async {
        do {
            var command = try await read(Array(CommandLine.arguments.dropFirst()))
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
