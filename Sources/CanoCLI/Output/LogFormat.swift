import Logging

/// How a bridge logs.
enum LogFormat: String, CaseIterable {
    /// A line for a person to read.
    case text
    /// A JSON object a line.
    case json

    /// A logger on standard error.
    func logger(label: String) -> Logger {
        Logger(label: label) { label in
            switch self {
            case .text: StreamLogHandler.standardError(label: label)
            case .json: JSONLogHandler(label: label)
            }
        }
    }
}
