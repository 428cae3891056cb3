import ArgumentParser
import CanoClient

/// The input of a run.
struct InputOption: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The input, as JSON; @FILE reads it from a file, - from standard input.", valueName: "json"))
    var input: String?

    /// The JSON text; `null` when none was given.
    ///
    /// - Throws: `ValidationError` when the file can't be read or is no text.
    func json() throws -> String { try input.map { try JSONText(typed: $0, called: "input").text } ?? "null" }
}
