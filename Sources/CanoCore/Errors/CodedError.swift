/// An error that brings a stable, machine-readable code of its own.
///
/// The code becomes ``CanoError/code`` and so reaches the code that handles a failed run, in any language: choose a short word
/// such as `card_declined` and keep it.
public protocol CodedError: Error {
    /// The code, in lower case with underscores.
    var code: String { get }
}
