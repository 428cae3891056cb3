import CanoPrimitives
import CanoTesting
import Testing

@testable import CanoCore

@Suite(.timeLimit(.minutes(5))) struct DeadlineQueueTests {
    @Test("deadlines come in their order, removed ones never, and thousands of removed ones are forgotten")
    func order() async throws {
        let clock = ManualClock()
        let queue = DeadlineQueue(clock: clock)
        let fired = Journal<Int>()
        let last = Gate()
        for second in [5, 3, 4, 1, 2] {
            _ = queue.add(at: MonotonicInstant(nanoseconds: Int64(second) * 1_000_000_000)) {
                fired.add(second)
                if second == 5 { last.open() }
            }
        }
        for index in 0..<5000 {
            queue.remove(queue.add(at: MonotonicInstant(nanoseconds: Int64(index) * 1_000_000)) { fired.add(-index) })
        }
        await clock.waitForSleepers()
        let passing = Task { await last.pass() }
        try await clock.skippingWaits { await passing.value }
        #expect(fired.entries == [1, 2, 3, 4, 5])
    }
}
