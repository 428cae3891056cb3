package import CanoCore
import CanoPrimitives

/// The lease on one run, and the tasks that wait until it is certain again.
package final class Lease: Sendable {
    private let clock: any EngineClock
    private let term: WaitQueue<LeaseTerm>

    /// Creates a lease that was granted until then, which ``LeaseTerm`` says how to count.
    package init(until end: MonotonicInstant, clock: any EngineClock) {
        self.clock = clock
        term = WaitQueue(LeaseTerm(until: end))
    }

    /// Whether the run is certainly its owner's now.
    package var isHeld: Bool {
        let now = clock.now
        return term.read { $0.isHeld(at: now) }
    }

    /// Redis has granted more; an earlier end takes nothing away.
    package func extend(until end: MonotonicInstant) { term.update { $0.extend(until: end) } }

    /// The run, which was not to go on here, is its owner's anew, until then.
    package func begin(until end: MonotonicInstant) { term.update { $0 = LeaseTerm(until: end) } }

    /// The run is not to go on here: no task waits any longer.
    package func finish() { term.update { $0.finish() } }

    /// Returns once the run is certainly its owner's, or is not to go on here. A cancellation does not end the wait.
    package func waitUntilHeld() async {
        // The term may be over again by the time the task goes on.
        while !isHeld, !term.read({ $0.isFinished }) {
            await term.wait { [clock] in $0.isFinished || $0.isHeld(at: clock.now) }
        }
    }
}
