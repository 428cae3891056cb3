import Foundation

/// What a command's output and error go to, and what can be done there.
enum Terminal {
    /// Whether a person sees what is printed on standard output.
    static var isOutput: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Whether a person sees what is printed on standard error.
    static var isError: Bool { isatty(STDERR_FILENO) == 1 }

    /// Whether a person can be asked something.
    static var canAsk: Bool { isError && isatty(STDIN_FILENO) == 1 }

    /// Asks a person something that is answered with yes or no; no is what anything else is taken for.
    static func confirms(_ question: String) -> Bool {
        FileHandle.standardError.write(Data("\(question) [y/N] ".utf8))
        return ["y", "yes"].contains(readLine()?.lowercased())
    }

    /// Whether colours are shown on standard output: on a terminal that knows them, and unless the environment says `NO_COLOR`.
    static var hasColor: Bool { isOutput && isColored(ProcessInfo.processInfo.environment) }

    /// Whether an environment asks for colours.
    static func isColored(_ environment: [String: String]) -> Bool {
        environment["NO_COLOR", default: ""].isEmpty && environment["TERM", default: "dumb"] != "dumb"
    }

    /// How many lines the terminal of standard output shows; 24 where that is not known.
    static var lines: Int {
        var size = winsize()
        return ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_row > 0 ? Int(size.ws_row) : 24
    }
}
