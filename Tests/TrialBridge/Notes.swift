import Foundation

/// A file that is there already, in which each line is written at once, whatever becomes of what is told there.
struct Notes {
    let path: String

    func add(_ line: String) {
        // Runs write side by side, each line where the file then ends.
        let file = FileHandle(fileDescriptor: open(path, O_WRONLY | O_APPEND), closeOnDealloc: true)
        file.write(Data((line + "\n").utf8))
    }
}
