/// Holds tasks up until it is opened. It may be closed again.
package final class Gate: Sendable {
    private let queue: WaitQueue<Bool>

    /// Creates a gate.
    package init(isOpen: Bool = false) {
        queue = WaitQueue(isOpen)
    }

    /// Whether tasks pass.
    package var isOpen: Bool { queue.read { $0 } }

    /// Lets the waiting tasks pass, and those that come.
    package func open() { queue.update { $0 = true } }

    /// Holds up the tasks that come from now on.
    package func close() { queue.update { $0 = false } }

    /// Waits until the gate is open. A cancellation does not end the wait.
    package func pass() async { await queue.wait { $0 } }
}
