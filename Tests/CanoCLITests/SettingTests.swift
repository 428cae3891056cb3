import ArgumentParser
import Foundation
import Testing

@testable import CanoCLI

@Suite("A setting", .timeLimit(.minutes(5)))
struct SettingTests {
    private struct Program: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "program", subcommands: [Serve.self, Admin.self, Status.self, Letters.self])

        struct Serve: ParsableCommand {
            static let configuration = CommandConfiguration(commandName: "serve")
            @Option(help: "The server.") var redis: String?
            @Option(help: "The prefix.") var prefix = "cano"
            @Option(help: "How many runs.") var maxRuns = 256
            @Flag(help: "A server of its own.") var embedded = false
            @Option(help: "The file.") var config: String?
        }

        struct Admin: ParsableCommand {
            static let configuration = CommandConfiguration(commandName: "admin")
            @Option(help: "The server.") var redis: String?
            @Option(help: "The file of the history.") var history: String?
            @Option(name: .customLong("keep-seconds"), help: "How long. (default: 60)", transform: Duration.seconds(typed:))
            var keep = Duration.seconds(60)
            @Option(help: "The file.") var config: String?
        }

        struct Letters: ParsableCommand {
            static let configuration = CommandConfiguration(
                commandName: "letters", subcommands: [List.self], defaultSubcommand: List.self)

            struct List: ParsableCommand {
                static let configuration = CommandConfiguration(commandName: "list")
                @Option(help: "The server.") var redis: String?
            }
        }

        struct Status: ParsableCommand {
            static let configuration = CommandConfiguration(commandName: "status")
            @Option(help: "The server.") var redis: String?
            @Option(help: "How many runs.") var maxRuns = 1
            @Argument var id: String
        }
    }

    private func resolve(_ arguments: [String], _ environment: [String: String] = [:], file: String? = nil) async throws
        -> SettingResolution
    {
        var environment = environment
        let path = FileManager.default.temporaryDirectory.appending(path: "cano-\(UUID()).yaml")
        defer { try? FileManager.default.removeItem(at: path) }
        if let file {
            try file.write(to: path, atomically: true, encoding: .utf8)
            environment["CANO_CONFIG"] = path.path
        }
        return try await SettingResolution(arguments, in: environment, of: try CommandTree(of: Program.self))
    }

    /// The arguments without the file, whose name is another each time.
    private func withoutFile(_ resolution: SettingResolution) -> [String] { resolution.arguments.filter { !$0.hasPrefix("--config=") } }

    private func value(_ name: String, _ resolution: SettingResolution) -> String? {
        resolution.all.first { $0.setting.name == name }?.value
    }

    @Test("is told by the argument parser, with its meaning, default and variable")
    func tree() throws {
        let serve = try CommandTree(of: Program.self).command(in: ["serve", "--max-runs", "1"])
        #expect(serve.depth == 1)
        #expect(serve.command.settings.map(\.name) == ["redis", "prefix", "max-runs", "embedded", "config"])
        #expect(serve.command.settings[2] == Setting(name: "max-runs", meaning: "How many runs.", standard: "256", isFlag: false))
        #expect(serve.command.settings[2].variable == "CANO_MAX_RUNS")
    }

    @Test("has the default that its meaning ends with, where that is a number")
    func numbers() throws {
        let admin = try CommandTree(of: Program.self).command(in: ["admin"]).command
        #expect(admin.settings[2] == Setting(name: "keep-seconds", meaning: "How long.", standard: "60", isFlag: false))
    }

    @Test(
        "of another command is refused with the name of that command",
        arguments: [
            ("admin", "max-runs: 1\nredis: redis://a", "sets \"max-runs\", which is a setting of serve and not of admin"),
            ("admin", "max-runs: 1\nembedded: true", "sets \"embedded\", \"max-runs\", which are settings of serve and not of admin"),
            ("serve", "history: a", "sets \"history\", which is a setting of admin and not of serve"),
            ("admin", "max-runs: 1\nprefics: a", "sets \"prefics\", which is no setting"),
        ])
    func others(command: String, file: String, says: String) async throws {
        let error = await #expect(throws: ValidationError.self) { try await resolve([command], file: file) }
        #expect(error?.message.contains(says) == true, "\(error?.message ?? "")")
    }

    @Test("is its option's, else its variable's, else the file's, else the default")
    func order() async throws {
        let file = "max-runs: 3\nprefix: filed\n"
        var resolution = try await resolve(["serve", "--max-runs", "1"], ["CANO_MAX_RUNS": "2"], file: file)
        #expect(value("max-runs", resolution) == "1" && value("prefix", resolution) == "filed")
        #expect(withoutFile(resolution) == ["serve", "--prefix=filed", "--max-runs", "1"])
        resolution = try await resolve(["serve"], ["CANO_MAX_RUNS": "2", "CANO_PREFIX": ""], file: file)
        #expect(value("max-runs", resolution) == "2" && value("prefix", resolution) == "filed", "an empty variable sets nothing")
        resolution = try await resolve(["serve", "--prefix=mine"], file: file)
        #expect(value("max-runs", resolution) == "3" && value("prefix", resolution) == "mine")
        resolution = try await resolve(["serve"])
        #expect(value("max-runs", resolution) == "256" && resolution.arguments == ["serve"])
        #expect(resolution.all.allSatisfy { $0.source == .standard })
    }

    @Test("is read from JSON as well")
    func json() async throws {
        let resolution = try await resolve(["serve"], file: #"{"max-runs": 5, "embedded": true}"#)
        #expect(withoutFile(resolution) == ["serve", "--max-runs=5", "--embedded"])
    }

    @Test(
        "that is a flag is true or false",
        arguments: [("true", true), ("YES", true), ("1", true), ("false", false), ("no", false), ("0", false)])
    func flags(text: String, isSet: Bool) async throws {
        #expect(try await resolve(["serve"], ["CANO_EMBEDDED": text]).arguments.contains("--embedded") == isSet)
    }

    @Test("gives way to its alternative where that has more weight")
    func alternatives() async throws {
        #expect(try await resolve(["serve", "--embedded"], ["CANO_REDIS": "redis://a"]).arguments == ["serve", "--embedded"])
        #expect(
            try await resolve(["serve", "--redis", "redis://a"], ["CANO_EMBEDDED": "true"]).arguments == ["serve", "--redis", "redis://a"])
        #expect(
            withoutFile(try await resolve(["serve"], ["CANO_REDIS": "redis://a"], file: "embedded: true")) == [
                "serve", "--redis=redis://a",
            ])
        #expect(withoutFile(try await resolve(["serve"], ["CANO_EMBEDDED": "yes"], file: "redis: redis://a")) == ["serve", "--embedded"])
        #expect(
            try await resolve(["serve"], ["CANO_EMBEDDED": "no", "CANO_REDIS": "redis://a"]).arguments == ["serve", "--redis=redis://a"])
    }

    @Test("contradicts its alternative where both have the same weight, and is told by the names that they are set under")
    func conflict() async throws {
        let both = ["CANO_REDIS": "redis://a", "CANO_EMBEDDED": "true"]
        #expect(
            try await resolve(["serve"], both).conflict
                == "CANO_EMBEDDED and CANO_REDIS are both set, and only one can be meant: take one of them away.")
        let ofFile = try await resolve(["serve"], file: "embedded: true\nredis: redis://a\n").conflict
        #expect(ofFile?.hasPrefix("embedded in /") == true && ofFile?.contains(" and redis in /") == true)
        #expect(
            try await resolve(["serve", "--embedded", "--redis", "a"]).conflict?.hasPrefix("--embedded and --redis are both set") == true)
        let embedded = try await resolve(["serve", "--embedded"], both)
        #expect(embedded.arguments == ["serve", "--embedded"] && embedded.conflict == nil)
    }

    @Test("of the bus counts for every command, and no other does")
    func clients() async throws {
        let environment = ["CANO_REDIS": "redis://a", "CANO_MAX_RUNS": "2", "CANO_PREFIX": "p"]
        #expect(try await resolve(["status", "r"], environment).arguments == ["status", "--redis=redis://a", "r"])
        #expect(try await resolve([], environment).arguments == [])
        #expect(try await resolve(["nothing"], environment).arguments == ["nothing"])
        #expect(try await resolve(["letters"], environment).arguments == ["letters", "--redis=redis://a"])
        #expect(try await resolve(["letters", "list"], environment).arguments == ["letters", "list", "--redis=redis://a"])
    }

    @Test(
        "that can't be is refused, with where it stands",
        arguments: [
            ("prefics: a", "\"prefics\", which is no setting"), ("a: {b: 1}", "\"a.b\", which is no setting"),
            ("max-runs: [1, 2]", "max-runs has to be one value"),
            ("embedded: maybe", "embedded has to be true or false, and is \"maybe\""), ("- a", "can't be read"), ("a: [", "can't be read"),
        ])
    func wrongFiles(file: String, says: String) async throws {
        let error = await #expect(throws: ValidationError.self) { try await resolve(["serve"], file: file) }
        #expect(error?.message.contains(says) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("cano-") == true, "it names the file")
    }

    @Test("from the environment that an option does not take is blamed")
    func blame() async throws {
        let resolution = try await resolve(["serve", "--prefix", "p"], ["CANO_MAX_RUNS": "many"])
        let message = "The value 'many' is invalid for '--max-runs <max-runs>'"
        #expect(resolution.blame(message) == "max-runs from CANO_MAX_RUNS: \(message)")
        #expect(resolution.blame("The value 'p' is invalid for '--prefix <prefix>'") == nil)
        #expect(try await resolve(["serve", "--max-runs", "many"]).blame(message) == nil)
    }

    @Test(
        "is shown without a password",
        arguments: [
            ("redis://user:secret@host:1/0", "redis://user:***@host:1/0"), ("redis://:se:c@ret@host", "redis://:***@host"),
            ("redis://u:a/b?c@host", "redis://u:***@host"), ("redis://host:6379", "redis://host:6379"),
            ("unix:///tmp/a:b@c", "unix:///tmp/a:b@c"), ("no url", "no url"),
            ("rediss://user@h", "rediss://user@h"),
            (
                "redis+sentinel://u:s@h,i/n?sentinel_password=secret&db=1", "redis+sentinel://u:***@h,i/n?sentinel_password=***&db=1"
            ),
        ])
    func secrets(url: String, shown: String) {
        let redis = Setting(name: "redis", meaning: "", standard: nil, isFlag: false)
        #expect(redis.shown(url) == shown)
        #expect(Setting(name: "name", meaning: "", standard: nil, isFlag: false).shown(url) == url)
    }
}
