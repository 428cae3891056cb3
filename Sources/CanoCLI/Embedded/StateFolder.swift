import CanoBridge
import Foundation

/// A folder that one process at a time may use, and one server in it.
final class StateFolder: Sendable {
    let path: String
    /// Held by the server too: by one that outlives this process, until it ends.
    let serverLock: FileLock
    private let lock: FileLock

    /// Makes the folder if it is missing, and locks it.
    init(_ path: String) throws(BridgeError) {
        let url = URL(filePath: path, directoryHint: .isDirectory).absoluteURL
        let absolute = url.path(percentEncoded: false)
        self.path = absolute.hasSuffix("/") ? String(absolute.dropLast()) : absolute
        do {
            try FileManager.default.createDirectory(
                at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw BridgeError(
                .embeddedRedisFailed, "The state folder \(path) can't be made: choose another with --state-dir.", underlying: error)
        }
        // Unix socket paths have room for 107 bytes.
        guard self.path.utf8.count <= 90 else {
            throw BridgeError(
                .embeddedRedisFailed, "The path of the state folder is too long for a unix socket: choose one of up to 90 bytes.")
        }
        lock = try FileLock(self.path + "/lock")
        serverLock = try FileLock(self.path + "/redis.lock")
        guard try lock.take() else {
            throw BridgeError(
                .embeddedRedisFailed,
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
