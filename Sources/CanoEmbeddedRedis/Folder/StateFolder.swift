import Foundation

/// A folder for the data of one embedded server, locked by the process that uses it.
final class StateFolder: Sendable {
    let path: String
    /// The server inherits it. A server that outlives this process holds it until it ends.
    let serverLock: FileLock
    private let lock: FileLock

    /// Makes the folder if it is missing, and locks it.
    ///
    /// - Throws: ``EmbeddedRedisError`` when the folder can't be made or is in use.
    init(_ path: String) throws(EmbeddedRedisError) {
        let url = URL(filePath: path, directoryHint: .isDirectory).absoluteURL
        let absolute = url.path(percentEncoded: false)
        self.path = absolute.hasSuffix("/") ? String(absolute.dropLast()) : absolute
        // Unix socket paths have room for 107 bytes.
        guard self.path.utf8.count <= 90 else {
            throw EmbeddedRedisError("The path of the state folder is too long for a unix socket: choose one of up to 90 bytes.")
        }
        do {
            try FileManager.default.createDirectory(
                at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw EmbeddedRedisError("The state folder \(path) can't be made: choose another with --state-dir.", underlying: error)
        }
        lock = try FileLock(self.path + "/lock")
        serverLock = try FileLock(self.path + "/redis.lock")
        guard try lock.take() else {
            throw EmbeddedRedisError(
                """
                The state folder \(self.path) is in use by another process: connect to its Redis with --redis, or choose another \
                folder with --state-dir.
                """)
        }
    }

    func path(of name: String) -> String { path + "/" + name }

    func remove(_ name: String) throws {
        guard FileManager.default.fileExists(atPath: path(of: name)) else { return }
        try FileManager.default.removeItem(atPath: path(of: name))
    }
}
