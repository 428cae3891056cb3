import ArgumentParser
import CanoPrimitives
import Foundation

/// `config`: shows every setting of `serve`, what it is set to, and by what.
struct ConfigCommand<Application: BridgeApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "config",
            abstract: "Shows every setting of serve, its value and where that comes from.",
            discussion: """
                A setting is an option (--max-runs 64), else a variable of the environment (CANO_MAX_RUNS=64), else a member of the file that \
                --config or CANO_CONFIG names (max-runs: 64). The options given here count as they would for serve. Passwords are not shown.
                """)
    }

    @OptionGroup var serve: ServeOptions
    @OptionGroup var own: Application.Options
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let tree = try CommandTree(of: BridgeCommandLine<Application>.self)
        let resolution = try await SettingResolution(
            Array(CommandLine.arguments.dropFirst()), in: ProcessInfo.processInfo.environment, of: tree)
        let ofServe = Set(tree.command(in: ["serve"]).command.settings.map(\.name))
        try ListPrinter.print(resolution.all.filter { ofServe.contains($0.setting.name) }, isJSON: output.isJSON)
    }
}

extension SettingResolution.Resolved: Listed {
    static let columns: [TextTable.Column] = [.text("SETTING"), .text("VALUE"), .text("FROM"), .text("MEANING")]

    private var shown: String? { value.map(setting.shown) }

    var row: [TextTable.Cell] {
        [
            TextTable.Cell(setting.name), TextTable.Cell(shown ?? "-"),
            TextTable.Cell(source.description, source == .standard ? .faint : .cyan), TextTable.Cell(setting.meaning, .faint),
        ]
    }

    /// The setting as one JSON object on one line.
    var json: String {
        var text = JSONWriter()
        text.member("setting", setting.name)
        text.member("value", json: JSONWriter.string(shown))
        text.member("from", source.description)
        text.member("variable", setting.variable)
        text.member("meaning", setting.meaning)
        return text.object
    }
}
