import ArgumentParser
import Foundation

/// The lines a command prints. Each is written at once, also when the output is a pipe.
enum StandardOutput {
    /// Prints a line, with control characters escaped.
    ///
    /// - Throws: `ExitCode.success` once the reader has gone, as `head` does when it has seen enough; `POSIXError` when the line can't be
    ///   written.
    static func write(_ line: String) throws { try write(line, to: STDOUT_FILENO) }

    static func write(_ line: String, to file: Int32) throws {
        var rest = Array((line.escapingControlCharacters + "\n").utf8)[...]
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
