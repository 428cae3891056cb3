import Foundation

/// A lock on a file, for one holder at a time.
///
/// The operating system keeps the lock with the open file. A child process that inherits the file keeps the lock after this
/// process has ended, and the lock goes when the last of them ends, in whatever way. A process number could not tell: the
/// system uses numbers again.
final class FileLock: Sendable {
    let descriptor: Int32
    private let path: String

    /// Opens the file, which is made if it is missing. ``take()`` locks it.
    init(_ path: String) throws(EmbeddedRedisError) {
        self.path = path
        descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure }
    }

    deinit { close(descriptor) }

    /// Locks the file; false when another process has it locked.
    func take() throws(EmbeddedRedisError) -> Bool {
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
        if errno == EWOULDBLOCK { return false }
        throw failure
    }

    private var failure: EmbeddedRedisError {
        EmbeddedRedisError(
            "The file \(path) can't be locked (\(String(cString: strerror(errno)))): choose another folder with --state-dir.")
    }
}
