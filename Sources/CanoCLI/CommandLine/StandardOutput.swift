import CanoBridge
import Foundation

/// Lines for whoever reads this program's output, each there at once also when that is a pipe.
enum StandardOutput {
    static func write(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }
}
