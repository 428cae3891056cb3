import Synchronization

/// How many readers follow pages: each has its page read anew every few seconds.
final class LiveReaders: Sendable {
    private static let most = 50
    private let count = Mutex(0)

    /// Makes room for one; whether there is any.
    func enter() -> Bool {
        count.withLock { count in
            guard count < Self.most else { return false }
            count += 1
            return true
        }
    }

    /// Gives the room back.
    func leave() { count.withLock { $0 -= 1 } }
}
