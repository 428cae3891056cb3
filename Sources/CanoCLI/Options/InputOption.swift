import ArgumentParser
import Foundation

/// The input of a run.
struct InputOption: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The input, as JSON; @FILE reads it from a file, - from standard input.", valueName: "json"))
    var input: String?

    /// The JSON text; `null` when none was given.
    ///
    /// - Throws: `ValidationError` when the file can't be read or is no text.
    func json() throws -> String {
        guard let input else { return "null" }
        let bytes: Data
        if input == "-" {
            bytes = try FileHandle.standardInput.readToEnd() ?? Data()
        } else if input.hasPrefix("@") {
            let path = String(input.dropFirst())
            do {
                bytes = try Data(contentsOf: URL(filePath: path))
            } catch {
                throw ValidationError("The input can't be read from \(path): \(error.localizedDescription)")
            }
        } else {
            return input
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw ValidationError("The input is not UTF-8 text.") }
        return text
    }
}
