import Foundation

/// What a command says besides its output.
enum StandardError {
    /// Prints a line, with control characters escaped. A reader that has gone misses it.
    static func write(_ line: String) {
        do { try StandardOutput.write(line, to: STDERR_FILENO) } catch { /* Nothing is left to say it on. */  }
    }
}
