/// An error that another attempt cannot cure, such as invalid input.
///
/// A task that throws one fails at once, whatever its ``RetryMode`` allows.
public protocol TerminalError: Error {}
