import Logging

extension Logger {
    /// Logs nothing: for a command whose output and error say all there is.
    static var silent: Logger { Logger(label: "cano", factory: { _ in SwiftLogNoOpLogHandler() }) }
}
