/// An error as it is printed, with control characters escaped.
struct PrintedError: Error, CustomStringConvertible {
    let description: String

    init(_ error: any Error) { description = "\(error)".escapingControlCharacters }
}
