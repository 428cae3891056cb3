import CanoPrimitives

/// Holds tasks up until a test opens it; a cancelled one goes on at once.
final class TestGate: Sendable {
    private let queue = WaitQueue(false)

    var isOpen: Bool { queue.read { $0 } }

    func open() { queue.update { $0 = true } }

    func pass() async throws { try await queue.waitUnlessCancelled { $0 } }
}
