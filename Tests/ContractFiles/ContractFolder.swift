import Foundation

/// The folder that the files are in, beside others that people write.
struct ContractFolder {
    private let url: URL

    init(_ url: URL) {
        self.url = url
    }

    /// The files in it that are made here, by their paths inside it.
    func files() throws -> [String: String] {
        var files: [String: String] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: url.path) where ContractFiles.isMade(path) {
            files[path] = try String(contentsOf: url.appending(path: path), encoding: .utf8)
        }
        return files
    }

    /// Writes these files, and removes those that were made here and are not among them.
    func write(_ files: [String: String]) throws {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        for path in try self.files().keys where files[path] == nil { try FileManager.default.removeItem(at: url.appending(path: path)) }
        for (path, text) in files {
            let file = url.appending(path: path)
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
    }
}
