import Synchronization

/// A breaker's permit for a trial that the present task has for an attempt it is in.
///
/// Waiting for the same breaker inside that attempt could last for ever: its only trial may be the attempt that waits. A permit of a closed
/// breaker keeps nothing from being let through.
final class HeldPermit: Sendable {
    /// The innermost one. Tasks that are begun inside an attempt take it along, also when they outlive the attempt.
    @TaskLocal static var current: HeldPermit?

    private let breaker: CircuitBreaker
    private let outer: HeldPermit?
    private let isOver = Atomic(false)

    init(of breaker: CircuitBreaker) {
        self.breaker = breaker
        outer = Self.innermost(from: Self.current)
    }

    /// The attempt is over.
    func end() { isOver.store(true, ordering: .releasing) }

    /// Whether the present task is inside an attempt that has a permit of the breaker.
    static func exists(of breaker: CircuitBreaker) -> Bool {
        var held = innermost(from: current)
        while let permit = held {
            if permit.breaker === breaker { return true }
            held = innermost(from: permit.outer)
        }
        return false
    }

    private static func innermost(from permit: HeldPermit?) -> HeldPermit? {
        var permit = permit
        while let over = permit, over.isOver.load(ordering: .acquiring) { permit = over.outer }
        return permit
    }
}
