@testable import CanoBridge

extension RunWaker {
    /// Wakes runs for others: this bridge has no slot, and no run under way.
    static func withoutSlots(_ bus: Bus) -> RunWaker { RunWaker(bus: bus, reserve: { _ in nil }, wake: { _ in }, look: { _ in }) }
}
