import Synchronization

/// Notes what was begun, in order.
final class Attempts: Sendable {
    private let begun = Mutex<[String]>([])

    var all: [String] { begun.withLock { $0 } }

    func add(_ attempt: String) { begun.withLock { $0.append(attempt) } }
}
