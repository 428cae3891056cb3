import ArgumentParser

/// The settings of one call of the program: each from its option, else from the environment, else from a file.
struct SettingResolution: Sendable {
    /// A setting, what it is set to, and by what.
    struct Resolved: Sendable {
        let setting: Setting
        /// Nil where nothing sets it and it has no default that is the same everywhere.
        let value: String?
        let source: SettingSource

        init(setting: Setting, value: String?, source: SettingSource) {
            self.setting = setting
            self.value = value
            self.source = source
        }

        /// What nothing sets.
        init(unset setting: Setting) {
            self.init(setting: setting, value: setting.isFlag ? "false" : setting.standard, source: .standard)
        }

        /// Whether something sets it, to more than false.
        var isOn: Bool { source != .standard && !(setting.isFlag && value == "false") }

        /// What to say of two that are set side by side, of which only one can be meant.
        func conflict(with rival: Resolved) -> String {
            let names = [self, rival].map { $0.source.name(of: $0.setting) }.sorted()
            return "\(names[0]) and \(names[1]) are both set, and only one can be meant: take one of them away."
        }
    }

    /// All settings of the command, in the order of its help.
    let all: [Resolved]
    /// The arguments with what the environment and the file set among them, as options.
    let arguments: [String]
    /// Which settings contradict each other; nil where none do. The command refuses them then.
    let conflict: String?

    /// The commands that have all settings; others have those that say which bus is meant.
    private static let services: Set<String> = ["serve", "config", "admin"]

    /// Finds out what is set by what.
    ///
    /// - Parameters:
    ///   - arguments: The program's arguments without its name.
    ///   - environment: The variables of the process.
    ///   - tree: The program's commands.
    /// - Throws: `ValidationError` when a file can't be read, or a flag is neither true nor false.
    init(_ arguments: [String], in environment: [String: String], of tree: CommandTree) async throws {
        let (command, depth) = tree.command(in: arguments)
        let (path, given) = (arguments.prefix(depth), Array(arguments.dropFirst(depth)))
        let isService = Self.services.contains(command.name)
        let settings = command.settings.filter { isService || Setting.ofEveryCommand.contains($0.name) }
        let options = Self.options(in: given)
        let file = isService ? options[Setting.file] ?? environment["CANO_CONFIG"].flatMap { $0.isEmpty ? nil : $0 } : nil
        // config takes what serve does.
        let others = Self.services.subtracting([command.name, command.name == "config" ? "serve" : "config"]).sorted()
        let values = try await SettingValues(
            environment: environment, file: file, of: command.name, known: settings.map(\.name),
            others: others.map { name in (name, tree.command(in: [name]).command.settings.map(\.name)) })

        var (all, added, conflict): ([Resolved], [String], String?) = ([], [], nil)
        let found = try settings.map { setting in
            if let value = options[setting.name] {
                return Resolved(setting: setting, value: setting.isFlag ? "true" : value, source: .option(setting.option))
            }
            guard let (value, source) = try values.value(of: setting) else { return Resolved(unset: setting) }
            return Resolved(setting: setting, value: value, source: source)
        }
        for one in found {
            let rival = Setting.alternatives[one.setting.name].flatMap { name in found.first { $0.setting.name == name && $0.isOn } }
            if let rival, one.isOn, rival.source.weight > one.source.weight {
                all.append(Resolved(unset: one.setting))
                continue
            }
            if let rival, one.isOn, rival.source.weight == one.source.weight { conflict = one.conflict(with: rival) }
            all.append(one)
            switch one.source {
            case .option, .standard: break
            case .variable, .file:
                guard let value = one.value else { break }
                if one.setting.isFlag {
                    added += one.isOn ? [one.setting.option] : []
                } else {
                    added.append("\(one.setting.option)=\(value)")
                }
            }
        }
        self.all = all
        self.conflict = conflict
        self.arguments = path + added + given
    }

    /// The options among arguments, with their values; a flag has the next argument for one, or none.
    private static func options(in arguments: [String]) -> [String: String] {
        var options: [String: String] = [:]
        for (index, argument) in arguments.enumerated() {
            guard argument != "--" else { break }
            guard argument.hasPrefix("--") else { continue }
            let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            options[parts[0]] = parts.count == 2 ? parts[1] : index + 1 < arguments.count ? arguments[index + 1] : ""
        }
        return options
    }

    /// Says which value from the environment or the file an error is about; nil where it is about none of them.
    ///
    /// - Parameter message: What the argument parser says, with the name of the option.
    /// - Returns: The sentence.
    func blame(_ message: String) -> String? {
        for resolved in all {
            switch resolved.source {
            case .option, .standard: continue
            case .variable, .file:
                guard message.contains("\(resolved.setting.option) ") || message.contains("\(resolved.setting.option)\"") else { continue }
                return "\(resolved.setting.name) from \(resolved.source.description): \(message)"
            }
        }
        return nil
    }
}
