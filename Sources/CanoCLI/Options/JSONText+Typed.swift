import ArgumentParser
import CanoClient
import Foundation

extension JSONText {
    /// Reads JSON as a person types it: the text itself, `@FILE` for what is in a file, or `-` for what comes in on standard input.
    ///
    /// - Parameters:
    ///   - text: What was typed.
    ///   - name: What it is, for errors: `input`.
    /// - Throws: `ValidationError` when the file can't be read or is no text.
    init(typed text: String, called name: String) throws {
        let bytes: Data
        if text == "-" {
            bytes = try FileHandle.standardInput.readToEnd() ?? Data()
        } else if text.hasPrefix("@") {
            let path = String(text.dropFirst())
            do {
                bytes = try Data(contentsOf: URL(filePath: path))
            } catch {
                throw ValidationError("The \(name) can't be read from \(path): \(error.localizedDescription)")
            }
        } else {
            self.init(text)
            return
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw ValidationError("The \(name) is not UTF-8 text.") }
        self.init(text)
    }
}
