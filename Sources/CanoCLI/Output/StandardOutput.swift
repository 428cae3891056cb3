import ArgumentParser
import Foundation

/// The lines a command prints. Each is written at once, also when the output is a pipe.
enum StandardOutput {
    /// Prints a line, with control characters escaped.
    ///
    /// - Throws: `ExitCode.success` once the reader has gone, as `head` does when it has seen enough; `POSIXError` when the line can't be
    ///   written.
    static func write(_ line: String) throws { try write(line, to: STDOUT_FILENO) }

    /// Prints a line with its colours, where they are shown. The same is thrown.
    static func write(_ line: StyledText) throws { try writeEscaped(line.rendered(inColor: Terminal.hasColor) + "\n", to: STDOUT_FILENO) }

    /// Prints lines, one after the other. The same is thrown.
    static func write(_ lines: [StyledText]) throws { for line in lines { try write(line) } }

    /// Prints lines in the place of all that the terminal shows. The same is thrown.
    static func replaceScreen(with lines: [StyledText]) throws {
        let text = lines.map { $0.rendered(inColor: Terminal.hasColor) + "\u{1B}[K\n" }.joined()
        try writeEscaped("\u{1B}[H" + text + "\u{1B}[J", to: STDOUT_FILENO)
    }

    static func write(_ line: String, to file: Int32) throws { try writeEscaped(line.escapingControlCharacters + "\n", to: file) }

    private static func writeEscaped(_ text: String, to file: Int32) throws {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(file, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EPIPE {
                throw ExitCode.success
            } else if errno != EINTR {
                throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
            }
        }
    }
}
