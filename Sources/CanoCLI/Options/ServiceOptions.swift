import ArgumentParser
import Logging

/// What every command has that runs until it is told to stop: its file of settings, and its log.
struct ServiceOptions: ParsableArguments {
    // Read before the options are: see ``SettingResolution``.
    @Option(help: "A file of settings: YAML or JSON, a member an option without its dashes. (default: none)")
    var config: String?

    @Option(help: "The least severe level that is logged: trace, debug, info, notice, warning, error or critical.")
    var logLevel = Logger.Level.info.rawValue

    @Option(help: "How a line of the log looks: \(LogFormat.choices).")
    var logFormat = LogFormat.text.rawValue

    func validate() throws {
        guard LogFormat(rawValue: logFormat) != nil else {
            throw ValidationError("--log-format has no format \"\(logFormat)\": choose one of \(LogFormat.choices).")
        }
        guard Logger.Level(rawValue: logLevel) != nil else {
            let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--log-level has no level \"\(logLevel)\": choose one of \(levels).")
        }
    }

    /// The log.
    ///
    /// - Parameter label: Whose it is.
    /// - Returns: What writes it to standard error.
    func logger(label: String) -> Logger {
        var logger = (LogFormat(rawValue: logFormat) ?? .text).logger(label: label)
        logger.logLevel = Logger.Level(rawValue: logLevel) ?? .info
        return logger
    }
}
