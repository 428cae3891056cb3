import Foundation

/// The files of this repository.
enum Repository {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The text of a file, by its path inside the repository.
    static func text(of path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// The Swift files of a target, by their paths inside it, and its folders.
    static func sources(of target: String) throws -> (files: [String: String], folders: Set<String>) {
        let folder = root.appending(path: "Sources/\(target)")
        var files: [String: String] = [:]
        var folders: Set<String> = []
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
            let file = folder.appending(path: path)
            if path.hasSuffix(".swift") {
                files[path] = try String(contentsOf: file, encoding: .utf8)
            } else if try file.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true {
                folders.insert(path)
            }
        }
        return (files, folders)
    }
}
