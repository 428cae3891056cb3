/// An error as it is printed, with control characters escaped.
struct PrintedError: Error, CustomStringConvertible {
    let description: String

    /// Whether an error is one of the argument parser's, which knows how to show it: a usage, a help text, an exit code.
    static func isOwn(_ error: any Error) -> Bool { String(reflecting: type(of: error)).hasPrefix("ArgumentParser.") }

    init(_ error: any Error) { description = "\(error)".escapingControlCharacters }
}
