import Synchronization

/// Goes up once and stays up.
final class Flag: Sendable {
    private let raised = Mutex(false)

    var isUp: Bool { raised.withLock { $0 } }

    func raise() {
        raised.withLock { $0 = true }
    }
}
