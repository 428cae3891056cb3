import ArgumentParser
import Configuration
import Foundation
import Synchronization
import SystemPackage

/// What the environment and a file set. The environment has more weight.
struct SettingValues: Sendable {
    private let layers: [Layer]

    private struct Layer: Sendable {
        let provider: any ConfigProvider
        /// What stands before each key.
        let scope: [String]
        let source: @Sendable (Setting) -> SettingSource
    }

    /// Reads them.
    ///
    /// - Parameters:
    ///   - environment: The variables of the process; an empty one sets nothing.
    ///   - path: The file: YAML, and so JSON as well, a member a setting; nil without one.
    ///   - command: What is set.
    ///   - known: The names of all its settings, which are the only ones a file may have.
    ///   - others: The settings of other commands that read files.
    /// - Throws: `ValidationError` when the file can't be read, or has a name that is no setting's.
    init(
        environment: [String: String], file path: String?, of command: String, known: [String],
        others: [(command: String, settings: [String])]
    ) async throws {
        let variables = EnvironmentVariablesProvider(environmentVariables: environment.filter { !$0.value.isEmpty })
        var layers = [Layer(provider: variables, scope: ["cano"]) { .variable($0.variable) }]
        if let path {
            layers.append(
                Layer(
                    provider: try await Self.provider(ofFile: path) {
                        try Self.check($0, in: path, of: command, known: known, others: others)
                    }, scope: []
                ) { _ in .file(path) })
        }
        self.layers = layers
    }

    /// Refuses names that the command has no setting for.
    private static func check(
        _ names: Set<String>, in path: String, of command: String, known: [String], others: [(command: String, settings: [String])]
    ) throws {
        var unknown = names.subtracting(known).subtracting([Setting.file])
        func list(_ names: Set<String>) -> String { names.sorted().map { "\"\($0)\"" }.joined(separator: ", ") }
        for (other, settings) in others {
            let foreign = unknown.intersection(settings)
            unknown.subtract(foreign)
            guard unknown.isEmpty, !foreign.isEmpty else { continue }
            let (noun, pronoun) = foreign.count == 1 ? ("is a setting", "it") : ("are settings", "them")
            throw ValidationError(
                """
                The file \"\(path)\" sets \(list(foreign)), which \(noun) of \(other) and not of \(command): give \(command) a file without \
                \(pronoun).
                """)
        }
        guard unknown.isEmpty else {
            throw ValidationError("The file \"\(path)\" sets \(list(unknown)), which is no setting: config lists all of serve.")
        }
    }

    private static func provider(ofFile path: String, check: (Set<String>) throws -> Void) async throws -> any ConfigProvider {
        // The parser asks of each name whether its value is secret: that is how the names are told.
        let names = Names()
        let file: FileProvider<YAMLSnapshot>
        do {
            file = try await FileProvider(
                parsingOptions: .init(
                    secretsSpecifier: .dynamic { name, _ in
                        names.all.withLock { _ = $0.insert(name) }
                        return true
                    }), filePath: FilePath(path))
        } catch {
            throw ValidationError("The file \"\(path)\" can't be read as YAML or JSON with a member a setting: \(error)")
        }
        try check(names.all.withLock { $0 })
        return file
    }

    private final class Names: Sendable {
        let all = Mutex<Set<String>>([])
    }

    /// The value of a setting; nil where neither sets it.
    ///
    /// - Throws: `ValidationError` when a flag is set to what is neither true nor false, or a setting to what is no single value.
    func value(of setting: Setting) throws -> (value: String, source: SettingSource)? {
        for layer in layers {
            let source = layer.source(setting)
            do {
                let key = AbsoluteConfigKey(layer.scope + [setting.name])
                guard case .string(let text)? = try layer.provider.value(forKey: key, type: .string).value?.content else { continue }
                guard setting.isFlag else { return (text, source) }
                guard let truth = Self.truth(text) else {
                    throw ValidationError("\(setting.name) has to be true or false, and is \"\(text)\": see \(source.description).")
                }
                return (truth, source)
            } catch let error as ValidationError {
                throw error
            } catch {
                throw ValidationError("\(setting.name) has to be one value: see \(source.description).")
            }
        }
        return nil
    }

    private static func truth(_ text: String) -> String? {
        switch text.lowercased() {
        case "true", "yes", "1": "true"
        case "false", "no", "0": "false"
        default: nil
        }
    }
}
