import CanoCore
import CanoPrimitives

/// The slots of a bridge, shared by its intake and its runs.
final class RunSlots: Sendable {
    private let slots: WaitQueue<SlotCount>
    private let clock: any EngineClock

    /// Those that wait for a slot, the first lane first.
    private enum Lane {
        /// Runs that are taken over, which no bridge works on.
        static let claims = 0
        /// Runs that were read while the last slots were taken.
        static let runs = 1
        /// The intake, which reads once there is room.
        static let intake = 2
        static let count = 3
    }

    /// How long the intake waits for more slots when few are free.
    private static let pause: Duration = .milliseconds(1)

    init(total: Int, clock: any EngineClock) {
        slots = WaitQueue(SlotCount(total: total), lanes: Lane.count)
        self.clock = clock
    }

    /// How many entries may be read now.
    var room: Int { slots.read { $0.room } }

    /// Waits until an entry may be read; how many may.
    ///
    /// - Throws: `CancellationError` when the intake is to end.
    func waitForRoom() async throws -> Int {
        try await slots.waitUnlessCancelled(in: Lane.intake) { $0.room > 0 }
        if slots.read({ $0.isWorthWaiting }) { try await clock.sleep(for: Self.pause) }
        return max(1, room)
    }

    /// Takes a slot, waiting for one when more was read than there was room for.
    func take() async { await slots.wait(in: Lane.runs) { $0.take() } }

    /// Takes a slot for a run that is taken over, before all others that wait for one.
    ///
    /// - Throws: `CancellationError` when the task was cancelled while it waited.
    func takeFirst() async throws { try await slots.waitUnlessCancelled(in: Lane.claims) { $0.take() } }

    /// Gives a slot back.
    func give() { slots.update { $0.give() } }
}
