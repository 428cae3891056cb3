import Foundation

/// The lines a command prints. Each is written at once, also when the output is a pipe.
enum StandardOutput {
    static func write(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }
}
