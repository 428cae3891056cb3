import CanoBridge
import Foundation

/// A file that one holder at a time has locked.
///
/// The lock is the operating system's and belongs to the open file: a process that was given it holds it on when this one
/// is gone, and it goes with the last of them, however that ends. No process number says that, since these are used again.
final class FileLock: Sendable {
    let descriptor: Int32
    private let path: String

    /// Opens the file, which is made if it is missing, and locks nothing yet.
    init(_ path: String) throws(BridgeError) {
        self.path = path
        descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure }
    }

    deinit { close(descriptor) }

    /// Locks the file; false when somebody else has it.
    func take() throws(BridgeError) -> Bool {
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
        if errno == EWOULDBLOCK { return false }
        throw failure
    }

    private var failure: BridgeError {
        BridgeError(
            .embeddedRedisFailed,
            "The file \(path) can't be locked (\(String(cString: strerror(errno)))): choose another folder with --state-dir.")
    }
}
