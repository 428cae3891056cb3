import ArgumentParser
import Foundation

/// The commands of a program with their options, as the argument parser tells them.
struct CommandTree: Sendable {
    let name: String
    /// The options and flags that have a long name.
    let settings: [Setting]
    let commands: [CommandTree]
    /// The one of them that is meant where none is named; nil for none.
    let standard: String?

    /// Reads what the argument parser says of a command.
    ///
    /// - Throws: What is wrong with it; a test reads it for every command.
    init(of command: (some ParsableCommand).Type) throws {
        self.init(try JSONDecoder().decode(Tool.self, from: Data(command._dumpHelp().utf8)).command)
    }

    private init(_ command: Tool.Command) {
        name = command.commandName
        settings = (command.arguments ?? []).compactMap { argument in
            guard argument.kind != "positional", let name = argument.preferredName, name.kind == "long",
                !["help", "version"].contains(name.name)
            else {
                return nil
            }
            // Of values that are read by a function the parser does not tell the default: the meaning ends with it.
            let (meaning, number) = Self.parted(argument.abstract ?? "")
            return Setting(name: name.name, meaning: meaning, standard: argument.defaultValue ?? number, isFlag: argument.kind == "flag")
        }
        commands = (command.subcommands ?? []).map { CommandTree($0) }
        standard = command.defaultSubcommand
    }

    /// A meaning and the number at its end that is the default; nil where it ends with none.
    private static func parted(_ abstract: String) -> (meaning: String, number: String?) {
        guard let match = abstract.wholeMatch(of: #/(.*) \(default: ([0-9]+)\)/#) else { return (abstract, nil) }
        return (String(match.output.1), String(match.output.2))
    }

    /// The command that arguments name, and how many of them do.
    func command(in arguments: [String]) -> (command: CommandTree, depth: Int) {
        guard let first = arguments.first, let next = commands.first(where: { $0.name == first }) else {
            return (commands.first { $0.name == standard } ?? self, 0)
        }
        let (command, depth) = next.command(in: Array(arguments.dropFirst()))
        return (command, depth + 1)
    }

    /// The form of the argument parser's own description, as far as it is read here.
    private struct Tool: Decodable {
        let command: Command

        struct Command: Decodable {
            let commandName: String
            let arguments: [Argument]?
            let subcommands: [Command]?
            let defaultSubcommand: String?
        }

        struct Argument: Decodable {
            let kind: String
            let preferredName: Name?
            let abstract: String?
            let defaultValue: String?
        }

        struct Name: Decodable {
            let kind: String
            let name: String
        }
    }
}
